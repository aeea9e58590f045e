/** When a checkpoint is handed in, by a clock that the test turns. */
import { type AuditLog, openAudit } from '@folkmoot/audit'
import { memoryLog, memoryStore, refuse, silentLogger, type Verdict } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import { createChecker, createSigner, noteSigner, type PeerId } from '@folkmoot/identity'
import {
  type CheckpointFact,
  type Operation,
  type OperationOf,
  sealOperation,
} from '@folkmoot/ledger'
import { nodeRandomness, nodeVerifier, signerFromSeed } from '@folkmoot/storage/node'
import { waitUntil } from '@folkmoot/testing'
import { expect, it } from 'vitest'
import { fed, keyOf } from '../../test/lone-room.ts'
import { anchorAloneMs, anchorAlongMs, anchorCheckpoints } from './anchor-checkpoints.ts'
import type { SharedLedger } from './shared-ledger.ts'

/** Signed operations of one entry, as who hears that it is final is told. */
type Told = { ops: readonly { bytes: Uint8Array; outcome: Verdict }[] }

const seed = new Uint8Array(32).fill(5)
const start = 1_800_000_000_000
const minute = 60_000

/** One peer's log and a ledger that takes what `answer` lets in. */
async function world() {
  let now = start
  const waiting = new Map<() => void, number>()
  const clock = { now: () => now }
  const raw = await signerFromSeed(seed)
  const signer = createSigner(raw)
  const me = signer.peer
  const audit: AuditLog = await openAudit({
    log: memoryLog(),
    store: memoryStore(),
    signer,
    note: noteSigner(raw),
    checker: createChecker(nodeVerifier()),
    fed,
    clock,
    randomness: nodeRandomness(),
  })
  /** Operations that were signed, and those of them that are final. */
  let [signed, sequence] = [0, 0]
  const checkpoints = new Map<PeerId, CheckpointFact>()
  const handed: number[] = []
  const ledger = {
    answer: { ok: true, height: 1 } as Verdict<{ height: number }>,
    isMember: true,
    /** How long after the answer the entry comes to this copy. */
    lateMs: 0,
    /** What happens while one is handed in. */
    during: undefined as (() => Promise<void>) | undefined,
  }
  const hear = new Set<(entry: Told) => void>()
  const seal = async (
    what: Pick<OperationOf<'audit.checkpoint' | 'member.leave'>, 'kind' | 'body'>,
  ) => (await sealOperation(signer, { v: 1, fed, sequence: ++signed, ...what } as Operation)).bytes
  const tell = (bytes: Uint8Array) => {
    sequence += 1
    for (const listener of hear) listener({ ops: [{ bytes, outcome: { ok: true } }] })
  }
  const other = async () => tell(await seal({ kind: 'member.leave', body: {} }))
  const shared = {
    state: {
      isMember: () => ledger.isMember,
      state: () => ({ sequence: () => sequence, checkpoints }),
    },
    onFinal: (listener: (entry: Told) => void) => {
      hear.add(listener)
      return () => hear.delete(listener)
    },
    submit: async ({ body }: { body: { checkpoint: string } }) => {
      const size = Number(body.checkpoint.split('\n')[1])
      handed.push(size)
      if (!ledger.answer.ok) return ledger.answer
      await ledger.during?.()
      ledger.during = undefined
      const text = body.checkpoint
      const bytes = await seal({ kind: 'audit.checkpoint', body: { peer: me, checkpoint: text } })
      const apply = () => {
        checkpoints.set(me, { log: audit.logId, size, text, time: now, height: 1 })
        tell(bytes)
      }
      if (ledger.lateMs > 0) waiting.set(apply, now + ledger.lateMs)
      else apply()
      return ledger.answer
    },
  } as unknown as SharedLedger
  anchorCheckpoints({
    me,
    audit,
    ledger: shared,
    clock,
    timers: {
      after: (ms, run) => {
        waiting.set(run, now + ms)
        return () => waiting.delete(run)
      },
      every: () => () => {},
    },
    logger: silentLogger,
  })
  /** Whatever was tried, it plans the next time when it is over. */
  const settled = () => waitUntil('the next one is planned', () => waiting.size > 0)
  return {
    me,
    audit,
    ledger,
    handed,
    /** Lets time go by; what becomes due is done. */
    pass: async (ms: number) => {
      for (const end = now + ms; ; ) {
        const due = [...waiting].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b)[0]
        now = due?.[1] ?? end
        if (!due) return settled()
        waiting.delete(due[0])
        due[0]()
        await settled()
      }
    },
    act: async (content?: Uint8Array) => {
      const capability = content ? 'ledger.submit' : 'review.diff'
      const common = { direction: 'out', peer: me, action: 'call', capability } as const
      const seq = await audit.intent({ ...common, ...(content ? { content } : {}) })
      await audit.outcome(seq, { decision: 'done' })
    },
    /** An operation of this peer becomes final. */
    decide: async () => {
      await other()
      return settled()
    },
    other,
    /** The peer's key is used elsewhere too, with a log of its own. */
    anchorElsewhere: async () => {
      const text = 'of another log'
      checkpoints.set(me, { log: 'ef'.repeat(16), size: 9, text, time: now, height: 1 })
      tell(await seal({ kind: 'audit.checkpoint', body: { peer: me, checkpoint: text } }))
      return settled()
    },
  }
}

it('follows an operation of this peer, once for several, and no more than six times an hour', async () => {
  const { pass, act, decide, handed, audit } = await world()
  await act()
  for (let n = 0; n < 5; n++) await decide()
  await pass(minute)
  expect(handed).toEqual([2])
  for (let n = 0; n < 54; n++) {
    await act()
    await decide()
    await pass(minute)
  }
  expect(handed).toHaveLength(6)
  expect(handed.at(-1)).toBeLessThan(audit.size)
  await pass(anchorAlongMs)
  // Only the newest has waited.
  expect(handed).toHaveLength(7)
  expect(handed.at(-1)).toBe(audit.size)
})

it('goes alone at most once an hour, and not where the log says nothing new', async () => {
  const { pass, act, handed } = await world()
  await act()
  await pass(anchorAlongMs + minute)
  expect(handed).toEqual([2])
  await act()
  await pass(anchorAloneMs - 2 * minute)
  expect(handed).toEqual([2])
  await pass(2 * minute)
  expect(handed).toEqual([2, 4])
  await pass(10 * anchorAloneMs)
  expect(handed).toEqual([2, 4])
})

it('takes checkpoints of others, answers to one’s own and counts for nothing new', async () => {
  const { pass, act, audit, handed, me } = await world()
  const body = { peer: me, checkpoint: 'of a log' }
  const sealed = (kind: 'audit.checkpoint' | 'member.leave') =>
    keyOf(3).then((key) =>
      sealOperation(key, {
        v: 1,
        fed,
        sequence: 1,
        ...(kind === 'member.leave' ? { kind, body: {} } : { kind, body }),
      }),
    )
  const operation = (await sealed('audit.checkpoint')).bytes
  await act(encode({ operation }))
  await act(encode({ height: 7 }))
  audit.counter('presence.in')
  await pass(minute)
  await audit.tick()
  expect(audit.size).toBe(5)
  await pass(3 * anchorAloneMs)
  expect(handed).toEqual([])
  await act(encode({ operation: (await sealed('member.leave')).bytes }))
  await pass(anchorAloneMs)
  expect(handed).toEqual([7])
})

it('says of a refusal that it came, and tries again when the next is due', async () => {
  const { pass, act, decide, handed, ledger } = await world()
  ledger.answer = refuse('federation/submit-rate', 'too many')
  await act()
  await decide()
  await pass(anchorAloneMs - minute)
  expect(handed).toEqual([2])
  ledger.isMember = false
  await pass(5 * anchorAloneMs)
  expect(handed).toEqual([2])
  ledger.isMember = true
  ledger.answer = { ok: true, height: 1 }
  await decide()
  await pass(minute)
  expect(handed).toEqual([2, 2])
})

it('takes its own checkpoint for no reason for the next, where the entry comes after the answer', async () => {
  const { pass, act, handed, ledger, decide } = await world()
  ledger.lateMs = 300
  for (let n = 0; n < 300; n++) {
    await act()
    await pass(minute)
  }
  expect(handed).toHaveLength(5)
  // And what follows it is not taken for it.
  await decide()
  await pass(anchorAlongMs)
  expect(handed).toHaveLength(6)
})

it('follows an operation that became final while a checkpoint was handed in', async () => {
  const { pass, act, handed, ledger, other } = await world()
  ledger.lateMs = 300
  await act()
  ledger.during = async () => {
    await act()
    await other()
  }
  await pass(anchorAlongMs + minute)
  expect(handed).toEqual([2])
  await pass(anchorAlongMs)
  expect(handed).toEqual([2, 4])
})

it('ends where the same key anchors another log: what it handed in itself is not news again', async () => {
  const { pass, act, anchorElsewhere, handed } = await world()
  await act()
  await pass(anchorAlongMs + minute)
  expect(handed).toEqual([2])
  for (let n = 0; n < 5; n++) {
    await anchorElsewhere()
    await pass(anchorAloneMs)
  }
  expect(handed).toEqual([2])
})
