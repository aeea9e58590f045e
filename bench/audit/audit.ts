/**
 * What a durable audit entry costs beside a bare append and sync of the same bytes, and what a
 * proof costs as the log grows.
 *
 * @module
 */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IntentInit, openAudit } from '@folkmoot/audit'
import {
  createMerkleTree,
  encode,
  sha256,
  verifyConsistency,
  verifyInclusion,
} from '@folkmoot/codec'
import { createChecker, noteSigner } from '@folkmoot/identity'
import { nodeClock, nodeRandomness, nodeVerifier, openStateFolder } from '@folkmoot/storage/node'
import { benchKey, bytes, fed } from '../envelope/sample-envelope.ts'
import { type Benchmark, type Effort, scaled } from '../measure/benchmark.ts'
import { type Figure, figure } from '../measure/figure.ts'
import { interleave, microsEach, ratePerSecond } from '../measure/interleave.ts'

/** Appends that wait at once where one sync may serve many. */
const together = 64

type Report = (figure: Figure) => void

export const benchmark: Benchmark = {
  title: 'durable entries a second, and proofs of a long log',
  run: async (effort, report) => {
    await appends(effort, report)
    await proofs(effort, report)
  },
}

async function appends(effort: Effort, report: Report): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'folkmoot-bench-'))
  const folder = await openStateFolder(join(path, 'state'))
  const bare = await open(join(path, 'bare'), 'a')
  try {
    const key = await benchKey(1)
    const audit = await openAudit({
      log: await folder.log('audit'),
      store: folder.store,
      signer: key.signer,
      note: noteSigner(key.raw),
      checker: createChecker(nodeVerifier()),
      fed,
      clock: nodeClock,
      randomness: nodeRandomness(),
      quotaBytes: 8 * 1024 ** 3,
    })
    const entry: IntentInit = {
      direction: 'out',
      peer: key.signer.peer,
      action: 'call',
      capability: 'bench.echo',
      envelope: '00'.repeat(16),
      contentHash: 'ab'.repeat(32),
      micros: { identity: 10, transport: 1, authorisation: 1, sanitisation: 20, consensus: 1 },
      channel: 'tcp',
    }
    const content = bytes(1_024)
    const whole = { ...entry, salt: bytes(16), content }
    await audit.intent(entry)
    const leaf = (await audit.leaf(0))!
    const leafAndContent = new Uint8Array([...leaf, ...encode([whole.salt, content])])
    const append = async (record: Uint8Array) => {
      await bare.write(record)
      await bare.datasync()
    }
    const one = scaled(300, effort)
    const many = scaled(6_000, effort)
    const samples = await interleave(
      {
        one: () => ratePerSecond(one, 1, () => audit.intent(entry)),
        bareOne: () => ratePerSecond(one, 1, () => append(leaf)),
        many: () => ratePerSecond(many, together, () => audit.intent(entry)),
        content: () => ratePerSecond(many / 4, together, () => audit.intent(whole)),
        bareContent: () => ratePerSecond(one, 1, () => append(leafAndContent)),
        bareGroup: async () => {
          const group = Buffer.concat(Array.from({ length: together }, () => leaf))
          return together * (await ratePerSecond(one, 1, () => append(group)))
        },
      },
      effort,
    )
    const unit = '/s'
    const each = { name: 'write + fdatasync each', samples: samples.bareOne }
    const group = { name: `write + fdatasync of ${together}`, samples: samples.bareGroup }
    const aims = [{ of: 'ratio', atLeast: 0.7 }] as const
    const of64 = `entries, ${together} in flight`
    report(figure({ name: 'entries, 1 in flight', unit, ours: samples.one, beside: each, aims }))
    report(figure({ name: of64, unit, ours: samples.many, beside: each, aims }))
    report(figure({ name: of64, unit, ours: samples.many, beside: group }))
    report(
      figure({
        name: `entries with 1 KB of content, ${together} in flight`,
        unit,
        ours: samples.content,
        beside: { name: 'write + fdatasync each', samples: samples.bareContent },
        aims,
      }),
    )
    await audit.close()
  } finally {
    await bare.close()
    await folder.close()
    await rm(path, { recursive: true })
  }
}

async function proofs(effort: Effort, report: Report): Promise<void> {
  const [small, large] = [scaled(100_000, effort), scaled(1_000_000, effort)]
  // Proofs do not ask what was hashed.
  const hashes = bytes(32 * large)
  const leaves = Array.from({ length: large }, (_, n) => hashes.subarray(32 * n, 32 * n + 32))
  const tree = createMerkleTree(leaves)
  const count = scaled(2_000, effort)
  const bit = Math.floor(large / count)
  const two = new Uint8Array(65)
  const verifyAt = (size: number) => {
    const root = tree.root(size)
    return microsEach(count, (n) => {
      const index = (n * bit) % size
      const proof = tree.inclusion(index, size)
      if (!verifyInclusion({ leafHash: leaves[index]!, index, size, proof, root })) {
        throw new Error('an inclusion proof does not verify')
      }
    })
  }
  const samples = await interleave(
    {
      small: () => verifyAt(small),
      large: () => verifyAt(large),
      hashes: () =>
        microsEach(count, () => {
          for (let level = 0; level < Math.ceil(Math.log2(large)); level += 1) sha256(two)
        }),
      growth: () => {
        const [fromRoot, toRoot] = [tree.root(small), tree.root(large)]
        return microsEach(count, () => {
          const proof = tree.consistency(small, large)
          if (!verifyConsistency({ from: small, to: large, fromRoot, toRoot, proof })) {
            throw new Error('a consistency proof does not verify')
          }
        })
      },
    },
    effort,
  )
  const unit = 'µs'
  const of = (entries: number) => entries.toLocaleString('en')
  report(
    figure({
      name: `inclusion, made and verified, ${of(large)} entries`,
      unit,
      ours: samples.large,
      beside: { name: `the same at ${of(small)}`, samples: samples.small },
      aims: [{ of: 'ratio', atMost: 1.5 }],
    }),
  )
  report(
    figure({
      name: `inclusion, made and verified, ${of(large)} entries`,
      unit,
      ours: samples.large,
      beside: { name: 'log₂ n bare SHA-256 of 65 B', samples: samples.hashes },
    }),
  )
  report(
    figure({
      name: `consistency ${of(small)} → ${of(large)}, made and verified`,
      unit,
      ours: samples.growth,
    }),
  )
}
