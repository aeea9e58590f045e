/**
 * The whole way of one action through the layer, out and in, without a network: six stages, seal,
 * open, replay window, policy, audit entries on both sides; and where its time goes.
 *
 * @module
 */
import { sign, verify } from 'node:crypto'
import { type AuditLog, openAudit } from '@folkmoot/audit'
import { memoryLog, memoryStore, silentLogger, silentMetrics } from '@folkmoot/base'
import { createReplayWindow, replayDefaults } from '@folkmoot/calls'
import { bytesSchema, toHex } from '@folkmoot/codec'
import type { Capability } from '@folkmoot/federation'
import { createChecker, noteSigner, sealEnvelope } from '@folkmoot/identity'
import { nodeClock, nodeRandomness, nodeVerifier } from '@folkmoot/storage/node'
import * as v from 'valibot'
// Their own package does not export them: outside of it nobody should build a pipeline.
import { createPolicy } from '../../packages/federation/src/authorise.ts'
import { reports } from '../../packages/federation/src/exchange/reports.ts'
import {
  type Action,
  createPipeline,
  type Pipeline,
} from '../../packages/federation/src/pipeline.ts'
import { createStages } from '../../packages/federation/src/stages.ts'
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'
import { interleave, microsEach } from '../measure/interleave.ts'
import { type BenchKey, benchKey, bytes, fed, sampleEnvelope } from './sample-envelope.ts'

const blob = v.strictObject({ data: bytesSchema(8_192) })
const echo: Capability<v.InferOutput<typeof blob>, v.InferOutput<typeof blob>> = {
  name: 'bench.echo',
  input: blob,
  output: blob,
  logging: 'full',
  maxBytes: 16_384,
}
const callMs = 300_000

export const benchmark: Benchmark = {
  title: 'one action through all stages on both sides, in memory',
  run: async (effort, report) => {
    const mine = await benchKey(1)
    const other = await benchKey(2)
    const sender = await side(mine)
    const receiver = await side(other)
    const value = { data: bytes(1_024) }
    const body = bytes(1_400)
    const signature = sign(null, body, mine.privateKey)
    const count = scaled(150, effort)
    const parts = new Map<string, number>()
    let whole = 0

    const once = async () => {
      const started = performance.now()
      const out = action(mine, other, value)
      let received: Action | undefined
      const sent = await sender.pipeline.send(out, async (frame) => {
        received = { ...action(other, mine, undefined), direction: 'in', frame, capability: null }
      })
      if (!sent.ok) throw new Error(sent.fault.message)
      const verdict = await receiver.pipeline.receive(received!, async () => ({ ok: true }))
      received!.counted?.()
      if (!verdict.ok) throw new Error(verdict.fault.message)
      whole += (performance.now() - started) * 1_000
      for (const [side, { micros }] of Object.entries({ out, in: received! })) {
        for (const [stage, spent] of Object.entries(micros)) {
          const name = `${side} ${stage}`
          parts.set(name, (parts.get(name) ?? 0) + spent)
        }
      }
    }
    const samples = await interleave(
      {
        action: () => microsEach(count, once),
        bare: () =>
          microsEach(count, () => {
            sign(null, body, mine.privateKey)
            verify(null, body, mine.publicKey, signature)
          }),
      },
      { repetitions: 5 * effort.repetitions, warmUp: 5 },
    )
    report(
      figure({
        name: 'action out and in, 1 KB, both audits in memory',
        unit: 'µs',
        ours: samples.action,
        beside: { name: 'ed25519 sign + verify', samples: samples.bare },
      }),
    )
    const named = [...parts.values()].reduce((sum, spent) => sum + spent, 0)
    console.error('  where the time of one action goes (audit outcomes are in "rest"):')
    for (const [name, spent] of [...parts, ['rest', whole - named] as const]) {
      console.error(`    ${name.padEnd(20)} ${((100 * spent) / whole).toFixed(1).padStart(5)} %`)
    }
    await Promise.all([sender.audit.close(), receiver.audit.close()])
  },
}

function action(from: BenchKey, to: BenchKey, value: unknown): Action {
  return {
    direction: 'out',
    kind: 'call',
    peer: to.signer.peer,
    link: { peer: to.signer.peer, kind: 'tcp', rttMs: undefined, since: 0, id: from.signer.peer },
    capability: echo,
    value,
    body: null,
    deadline: Date.now() + callMs,
    reply: null,
    envelope: null,
    id: bytes(16),
    salt: bytes(16),
    contentHash: null,
    frame: null,
    guard: {},
    intent: null,
    micros: {},
  }
}

async function side(key: BenchKey): Promise<{ pipeline: Pipeline; audit: AuditLog }> {
  const clock = nodeClock
  const checker = createChecker(nodeVerifier())
  const audit = await openAudit({
    log: memoryLog(),
    store: memoryStore(),
    signer: key.signer,
    note: noteSigner(key.raw),
    checker,
    fed,
    clock,
    randomness: nodeRandomness(),
  })
  const replay = createReplayWindow(replayDefaults, clock.now())
  const policy = createPolicy({ clock, roleOf: () => 'member' })
  policy.expose(echo.name, { to: 'members', maxConcurrent: 1_000, ratePerMinute: 1_000_000 })
  const stages = createStages({
    me: key.signer.peer,
    fed,
    clock,
    checker,
    audit,
    standing: () => 'member',
    capability: () => echo,
    authorise: policy.authorise,
    fresh: (from, id, sent, deadline) =>
      replay.take({ from, id: toHex(id), sent, deadline, at: clock.now() }),
    pending: () => null,
    engine: () => ({ ok: true }),
    maxSkewMs: replayDefaults.maxSkewMs,
  })
  const pipeline = createPipeline({
    stages,
    seal: (sent) =>
      sealEnvelope(key.signer, {
        ...sampleEnvelope(key.signer, { ...key.signer, peer: sent.peer! }, 0),
        id: sent.id,
        deadline: sent.deadline,
        salt: sent.salt,
        body: sent.body!,
      }),
    ...reports({ audit, metrics: silentMetrics, logger: silentLogger, standing: () => 'member' }),
  })
  return { pipeline, audit }
}
