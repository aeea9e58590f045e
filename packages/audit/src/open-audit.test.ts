import { FederationError, memoryLog, memoryStore } from '@folkmoot/base'
import { fromUtf8, leafHash, verifyConsistency, verifyInclusion } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { act, peer, sampleLog } from '../test/sample-log.ts'
import type { AuditLog } from './audit-log.ts'
import { parseCheckpoint } from './checkpoint.ts'
import type { AuditEntry } from './entry.ts'
import type { AuditFilter } from './query.ts'

async function all(audit: AuditLog, filter?: AuditFilter): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const entry of audit.query(filter)) entries.push(entry)
  return entries
}

const text = (entry: AuditEntry | undefined) => entry?.content && fromUtf8(entry.content)

describe('an action', () => {
  it('is two entries, of which the first has the content', async () => {
    const { audit } = await sampleLog()
    expect(await act(audit, 'hello')).toBe(0)
    const [intent, outcome] = await all(audit)
    expect(intent).toMatchObject({
      seq: 0,
      phase: 'intent',
      decision: 'allowed',
      action: 'call',
      peer,
    })
    expect(intent).toMatchObject({ micros: { identity: 13, guard: 3 } })
    expect(text(intent)).toBe('hello')
    expect(outcome).toMatchObject({
      seq: 1,
      phase: 'outcome',
      of: 0,
      decision: 'done',
      action: 'call',
    })
    expect(outcome!.contentHash).toBeNull()
  })

  it('ends on the sync of what begins next, or by itself a moment later', async () => {
    const stored = memoryLog()
    const appends: number[] = []
    const log = {
      ...stored,
      append: (records: readonly Uint8Array[]) => {
        appends.push(records.length)
        return stored.append(records)
      },
    }
    const due: (() => void)[] = []
    const timers = {
      after: (_delayMs: number, callback: () => void) => {
        due.push(callback)
        return () => void due.splice(due.indexOf(callback), 1)
      },
      every: () => () => {},
    }
    const { audit } = await sampleLog({ log, timers })
    const begin = () => audit.intent({ direction: 'out', peer, action: 'call' })
    const first = await begin()
    const ended = audit.outcome(first, { decision: 'done' })
    const second = await begin()
    await ended
    expect(appends).toEqual([1, 2])
    expect(due).toHaveLength(0)

    const last = audit.outcome(second, { decision: 'failed', reason: 'calls/lost' })
    expect(audit.size).toBe(3)
    for (const callback of [...due]) callback()
    await last
    expect(appends).toEqual([1, 2, 1])
    expect((await all(audit)).map(({ phase }) => phase)).toEqual([
      'intent',
      'outcome',
      'intent',
      'outcome',
    ])
  })

  it('has its end written when the log closes before that moment', async () => {
    const never = { after: () => () => {}, every: () => () => {} }
    const { audit } = await sampleLog({ timers: never })
    const ended = audit.outcome(await audit.intent({ direction: 'out', peer, action: 'call' }), {
      decision: 'done',
    })
    await audit.close()
    await ended
    expect(audit.size).toBe(2)
  })

  it('is durable before it may happen', async () => {
    let release = () => {}
    const log = memoryLog()
    const slow = {
      ...log,
      length: 0,
      append: async (records: readonly Uint8Array[]) => {
        await new Promise<void>((resolve) => {
          release = resolve
        })
        return log.append(records)
      },
    }
    const { audit } = await sampleLog({ log: slow })
    let durable = false
    const writing = audit.intent({ direction: 'out', peer, action: 'call' }).then(() => {
      durable = true
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(durable).toBe(false)
    expect(audit.size).toBe(0)
    release()
    await writing
    expect(audit.size).toBe(1)
  })

  it('must not happen where it cannot be logged', async () => {
    const fail = async () => {
      throw new FederationError('storage/full', 'no room')
    }
    const noLog = await sampleLog({ log: { ...memoryLog(), append: fail } })
    await expect(act(noLog.audit, 'x')).rejects.toMatchObject({ code: 'storage/full' })
    expect(noLog.audit.size).toBe(0)

    let broken = false
    const store = memoryStore()
    const write: typeof store.write = (operations) => (broken ? fail() : store.write(operations))
    const { audit, reopen } = await sampleLog({ store: { ...store, write } })
    broken = true
    await expect(act(audit, 'x')).rejects.toMatchObject({ code: 'storage/full' })
    broken = false
    await act(audit, 'y')
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 3, erased: 1, open: 1 })
    expect((await reopen()).recovery.interrupted).toBe(1)
  })

  it('has one outcome', async () => {
    const { audit } = await sampleLog()
    const seq = await act(audit, 'x')
    for (const of of [seq, seq + 1, 99]) {
      await expect(audit.outcome(of, { decision: 'done' })).rejects.toMatchObject({
        code: 'audit/no-intent',
      })
    }
  })

  it('shares one append with others that come at the same time', async () => {
    const log = memoryLog()
    let appends = 0
    const counted = {
      ...log,
      get length() {
        return log.length
      },
      append: (records: readonly Uint8Array[]) => {
        appends++
        return log.append(records)
      },
    }
    const { audit } = await sampleLog({ log: counted })
    const seqs = await Promise.all(
      Array.from({ length: 500 }, () => audit.intent({ direction: 'in', peer, action: 'unit' })),
    )
    expect(seqs).toEqual(Array.from({ length: 500 }, (_, i) => i))
    expect(appends).toBeLessThan(5)
  })

  it('takes hostile text without failing', async () => {
    const { audit } = await sampleLog()
    const hostile = ['__proto__', '\ufeffx', '\ud800', 'x'.repeat(100_000), '\0\n']
    for (const capability of hostile) {
      await audit.intent({
        direction: 'in',
        peer,
        action: 'call',
        capability,
        reason: capability,
        guard: { [capability]: Number.NaN, ['__proto__']: 1 },
      })
      await audit.refusal({ direction: 'in', peer, capability, code: capability })
      audit.counter(capability)
    }
    await audit.close()
    expect(await audit.verify()).toMatchObject({ ok: true, entries: 11 })
  })
})

describe('refusals and counters', () => {
  it('logs the first per peer, code and minute, and counts the rest', async () => {
    const { audit, wait } = await sampleLog()
    const refusal = { direction: 'in', peer, capability: 'a', code: 'policy/rate' } as const
    for (let i = 0; i < 50; i++) await audit.refusal(refusal)
    await audit.refusal({ ...refusal, code: 'policy/busy' })
    await audit.refusal({ ...refusal, peer: null, code: 'identity/envelope-signature' })
    expect(audit.size).toBe(2)
    wait(60_000)
    await audit.tick()
    await audit.refusal(refusal)
    const entries = await all(audit)
    expect(entries.map(({ action, reason, counts }) => counts ?? `${action} ${reason}`)).toEqual([
      'refusal policy/rate',
      'refusal policy/busy',
      { 'refused.policy/rate': 49, 'refused.identity/envelope-signature': 1 },
      'refusal policy/rate',
    ])
    expect(await audit.verify()).toMatchObject({ ok: true, open: 0 })
  })

  it('cannot be made to fill the disk by many strangers', async () => {
    const { audit } = await sampleLog()
    for (let i = 0; i < 2_000; i++) {
      await audit.refusal({ direction: 'in', peer, code: `made/up-${i}` })
      audit.counter(`made-up-${i}`)
    }
    expect(audit.size).toBeLessThan(300)
    await audit.close()
    const [counts] = await all(audit, { action: 'counter' })
    expect(Object.keys(counts!.counts!).length).toBeLessThanOrEqual(256)
  })
})

describe('checkpoints', () => {
  const watched = async () => {
    const sizes: number[] = []
    const sample = await sampleLog({ onCheckpoint: (_, size) => sizes.push(size) })
    return { ...sample, sizes, settle: () => new Promise((resolve) => setTimeout(resolve, 10)) }
  }

  it('are made a minute apart, and only after something other than a counter', async () => {
    const { audit, wait, sizes } = await watched()
    audit.counter('presence')
    wait(60_000)
    await audit.tick()
    wait(60_000)
    await audit.tick()
    expect(audit.size).toBe(1)
    expect(sizes).toEqual([])
    await act(audit, 'x')
    await audit.tick()
    expect(sizes).toEqual([2])
    await act(audit, 'y')
    await audit.tick()
    expect(sizes).toEqual([2])
    wait(60_000)
    await audit.tick()
    expect(sizes).toEqual([2, 5])
  })

  it('are made every 1,000 entries', async () => {
    const { audit, sizes, settle } = await watched()
    for (let i = 0; i < 1_050; i++) await audit.intent({ direction: 'in', peer, action: 'unit' })
    await settle()
    expect(sizes).toEqual([1_000])
  })

  it('are C2SP notes of origin, size and root', async () => {
    const { audit } = await watched()
    await act(audit, 'x')
    const note = await audit.checkpoint()
    expect(parseCheckpoint(note)).toEqual({
      ok: true,
      checkpoint: { origin: audit.origin, size: 2, root: audit.root() },
    })
    expect(fromUtf8(note)).toContain(`\n\n— ${audit.origin} `)
    expect(await audit.checkpoint()).toEqual(note)
    expect(await audit.latestCheckpoint()).toEqual(note)
  })

  it('prove each entry and each other', async () => {
    const { audit } = await watched()
    await act(audit, 'x')
    const fromRoot = audit.root()
    for (let i = 0; i < 20; i++) await act(audit, `${i}`)
    const toRoot = audit.root()
    const proof = audit.consistency(2)
    expect(verifyConsistency({ from: 2, to: 42, fromRoot, toRoot, proof })).toBe(true)
    const leaf = await audit.leaf(17)
    expect(
      verifyInclusion({
        leafHash: leafHash(leaf!),
        index: 17,
        size: 42,
        proof: audit.inclusion(17),
        root: toRoot,
      }),
    ).toBe(true)
    expect(await audit.leaf(42)).toBeUndefined()
  })
})

describe('the quota', () => {
  it('ends in audit/full with outcomes still accepted, and nothing overwritten', async () => {
    const { audit } = await sampleLog({ quotaBytes: 40_000 })
    const intents: number[] = []
    const content = new Uint8Array(1_000)
    await expect(
      (async () => {
        for (;;)
          intents.push(await audit.intent({ direction: 'out', peer, action: 'call', content }))
      })(),
    ).rejects.toMatchObject({ code: 'audit/full' })
    expect(intents.length).toBeGreaterThan(5)
    for (const seq of intents)
      await audit.outcome(seq, { decision: 'done', reason: 'x'.repeat(300) })
    expect(audit.bytes).toBeLessThanOrEqual(40_000)
    expect(audit.full).toBe(false)
    await audit.refusal({ direction: 'in', peer, code: 'policy/rate' })
    expect(await audit.verify()).toMatchObject({ ok: true })
  })

  it('holds for intents that come at once', async () => {
    const { audit } = await sampleLog({ quotaBytes: 40_000 })
    const content = new Uint8Array(1_000)
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () =>
        audit.intent({ direction: 'out', peer, action: 'call', content }),
      ),
    )
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(50)
    expect(audit.bytes).toBeLessThanOrEqual(40_000)
  })
})

describe('retention', () => {
  it('erases salt and content together and keeps every proof', async () => {
    const { audit, wait, reopen, init } = await sampleLog()
    await act(audit, 'old secret')
    const root = audit.root()
    wait(1_000)
    const since = init.clock.now()
    await act(audit, 'new')
    const bytes = audit.bytes
    expect(await audit.erase(since)).toBe(1)
    expect(await audit.erase(since)).toBe(0)
    expect(audit.bytes).toBeLessThan(bytes)
    const [old, , recent] = await all(audit)
    expect(old!.contentHash).toMatch(/^[0-9a-f]{64}$/)
    expect(old!.salt).toBeUndefined()
    expect(old!.content).toBeUndefined()
    expect(text(recent)).toBe('new')
    expect(await audit.verify()).toMatchObject({ ok: true, erased: 1 })
    const again = await reopen()
    expect(again.size).toBe(4)
    expect(again.bytes).toBe(audit.bytes)
    const proof = again.consistency(2)
    expect(verifyConsistency({ from: 2, to: 4, fromRoot: root, toRoot: again.root(), proof })).toBe(
      true,
    )
    const kept = await init.store.list({ prefix: '' })
    expect(kept.some(([, value]) => Buffer.from(value).includes('old secret'))).toBe(false)
  })

  it('reaches the contents of a log that was lost', async () => {
    const { audit, reopen, init, wait } = await sampleLog()
    await act(audit, 'old secret')
    await audit.checkpoint()
    wait(1_000)
    const next = await reopen({ log: memoryLog() })
    await act(next, 'new')
    wait(1_000)
    expect(await next.erase(init.clock.now() - 500)).toBe(2)
  })
})

describe('queries', () => {
  it('narrow by peer, action, decision, time, place and text', async () => {
    const { audit, wait, init } = await sampleLog()
    await act(audit, 'the quick fox')
    wait(1_000)
    const since = init.clock.now()
    const seq = await audit.intent({
      direction: 'in',
      peer: init.signer.peer,
      action: 'unit',
      reason: 'Because',
    })
    await audit.outcome(seq, { decision: 'failed', reason: 'sandbox/trap' })
    const seqs = async (filter: AuditFilter) => (await all(audit, filter)).map((entry) => entry.seq)
    expect(await seqs({})).toEqual([0, 1, 2, 3])
    expect(await seqs({ peer })).toEqual([0, 1])
    expect(await seqs({ action: 'unit' })).toEqual([2, 3])
    expect(await seqs({ decision: 'failed' })).toEqual([3])
    expect(await seqs({ phase: 'intent', direction: 'in' })).toEqual([2])
    expect(await seqs({ capability: 'review.diff' })).toEqual([0, 1])
    expect(await seqs({ since })).toEqual([2, 3])
    expect(await seqs({ until: since })).toEqual([0, 1])
    expect(await seqs({ text: 'QUICK' })).toEqual([0])
    expect(await seqs({ text: 'trap' })).toEqual([3])
    expect(await seqs({ from: 1, to: 3 })).toEqual([1, 2])
    expect(await seqs({ limit: 2 })).toEqual([0, 1])
    expect(await seqs({ limit: 3, first: 'newest' })).toEqual([3, 2, 1])
    expect(await seqs({ limit: 0 })).toEqual([])
  })

  it('page through a long log from both ends', async () => {
    const { audit } = await sampleLog()
    const writes = Array.from({ length: 2_500 }, () =>
      audit.intent({ direction: 'in', peer, action: 'unit' }),
    )
    await Promise.all(writes)
    const oldest = (await all(audit)).map(({ seq }) => seq)
    const newest = (await all(audit, { first: 'newest' })).map(({ seq }) => seq)
    expect(oldest).toEqual(Array.from({ length: 2_500 }, (_, i) => i))
    expect(newest).toEqual(oldest.toReversed())
  })

  it('export lines that a person can read', async () => {
    const { audit } = await sampleLog()
    await act(audit, 'hello')
    await audit.checkpoint()
    const lines = (await audit.exportJsonl())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ type }) => type)).toEqual(['log', 'entry', 'entry', 'checkpoint'])
    expect(lines[1]).toMatchObject({ seq: 0, content: 'hello' })
  })
})
