import { type AppendLog, memoryLog } from '@folkmoot/base'
import { decode, encode, equalBytes, merkleRoot, toHex, utf8 } from '@folkmoot/codec'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { committee } from '../../test/committee.ts'
import { testChecker, testSigner } from '../../test/node-keys.ts'
import { KnownEpochs } from '../bft/epoch-chain.ts'
import { createTextList } from '../conformance/index.ts'
import { encodeEntry, type ParsedEntry, parseEntry } from '../entry.ts'
import { verifyFinality } from '../finality.ts'
import { encodeForkEvidence, verifyForkEvidence } from '../fork-evidence.ts'
import { encodeHeader, type Header } from '../header.ts'
import { verifyHistory } from '../history.ts'
import { payloadRoot } from '../payload.ts'
import { createSoloFollower, type SoloFollowerInit } from './follower.ts'
import { createSoloLog } from './leader.ts'

const instance = 'ab'.repeat(32)
const founder = testSigner(1)
const stranger = testSigner(2)
const { checker } = testChecker()
const facts = { instance, founder: founder.peer, crossOrg: false, firstSet: null }
const { anchor } = new KnownEpochs(facts)

async function lead(names: readonly string[], log: AppendLog = memoryLog(), at = 1_000) {
  const application = createTextList()
  let now = at
  const clock = { now: () => now++ }
  const leader = await createSoloLog({
    instance,
    signer: founder,
    checker,
    application,
    log,
    clock,
  })
  for (const name of names) await leader.submit(utf8(name), { id: name })
  return { leader, application, entries: () => leader.entries(1, 1_000) }
}

async function follow(init: Partial<SoloFollowerInit> = {}) {
  const application = createTextList()
  const log = memoryLog()
  const follower = await createSoloFollower({ ...anchor, checker, application, log, ...init })
  return { follower, application, log }
}

function read(bytes: Uint8Array): ParsedEntry {
  const parsed = parseEntry(bytes)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return parsed.entry
}

/** The entry with some of its header changed, signed again. */
async function resign(bytes: Uint8Array, change: Partial<Header>, signer = founder) {
  const { header, ops } = read(bytes)
  const altered = encodeHeader({ ...header, ...change })
  const signature = await signer.sign('entry', altered)
  return encodeEntry({ kind: 'solo', header: altered, signature }, ops)
}

const code = (verdict: { ok: boolean; fault?: { code: string } }) =>
  verdict.ok ? 'ok' : verdict.fault!.code

describe('a follower', () => {
  let entries: Uint8Array[] = []
  beforeAll(async () => {
    entries = await (await lead(['a', 'no', 'b', 'c'])).entries()
  })

  it('accepts the history in order, again, and asks for what lies between', async () => {
    const { follower, application } = await follow()
    expect(code(await follower.accept(entries[1]!))).toBe('consensus/gap')
    for (const entry of entries) expect(code(await follower.accept(entry))).toBe('ok')
    for (const entry of entries) expect(code(await follower.accept(entry))).toBe('ok')
    expect(follower.height).toBe(4)
    expect(application.texts.length).toBe(3)
  })

  it('verifies one signature an entry, whatever the number of operations', async () => {
    const { leader, entries: all } = await lead([])
    const names = Array.from({ length: 200 }, (_, i) => `op-${i}`)
    await Promise.all(names.map((name) => leader.submit(utf8(name), { id: name })))
    const counting = testChecker()
    const { follower, application } = await follow({ checker: counting.checker })
    for (const entry of await all()) await follower.accept(entry)
    expect(application.texts.length).toBe(200)
    expect(counting.verified).toBe(follower.height)
    expect(follower.height).toBe(1)
  })

  it('refuses an entry by anybody but the founder, and of another federation', async () => {
    const { follower } = await follow()
    const cases: [Uint8Array, string][] = [
      [await resign(entries[0]!, {}, stranger), 'consensus/signature'],
      [await resign(entries[0]!, { instance: 'cd'.repeat(32) }), 'consensus/instance'],
      [await resign(entries[0]!, { epoch: 1 }), 'consensus/epoch'],
      [
        await resign(entries[0]!, { historyRoot: new Uint8Array(32) }),
        'consensus/history-mismatch',
      ],
    ]
    for (const [entry, expected] of cases) expect(code(await follower.accept(entry))).toBe(expected)
    for (const entry of entries) expect(code(await follower.accept(entry))).toBe('ok')
  })

  it('refuses time that runs backwards', async () => {
    const { follower } = await follow()
    await follower.accept(entries[0]!)
    expect(code(await follower.accept(await resign(entries[1]!, { time: 1 })))).toBe(
      'consensus/time',
    )
  })

  it('stops at a signed state that the operations do not lead to, in the state before', async () => {
    const { follower, application } = await follow()
    await follower.accept(entries[0]!)
    const root = toHex(application.root())
    const lie = await resign(entries[1]!, { stateRoot: new Uint8Array(32) })
    const refused = await follower.accept(lie)
    expect(code(refused)).toBe('consensus/state-mismatch')
    expect(!refused.ok && refused.evidence).toEqual(lie)
    expect(toHex(application.root())).toBe(root)
    expect(code(await follower.accept(entries[1]!))).toBe('consensus/halted')
  })

  it('stops at an outcome that applying does not have', async () => {
    const { follower, application } = await follow()
    const { header, ops } = read(entries[0]!)
    const refusedOps = ops.map((op) => ({ ...op, refusal: 'test/no' }))
    const bytes = encodeHeader({ ...header, payloadHash: payloadRoot(refusedOps) })
    const signature = await founder.sign('entry', bytes)
    const lie = encodeEntry({ kind: 'solo', header: bytes, signature }, refusedOps)
    expect(code(await follower.accept(lie))).toBe('consensus/state-mismatch')
    expect(application.texts).toEqual([])
  })

  it('refuses operations that are not those of the header', async () => {
    const { follower } = await follow()
    const { proof, ops } = read(entries[0]!)
    const swapped = encodeEntry(proof, [{ ...ops[0]!, bytes: utf8('z') }])
    const dropped = encodeEntry(proof, [])
    for (const entry of [swapped, dropped]) {
      expect(code(await follower.accept(entry))).toBe('consensus/payload-mismatch')
    }
  })

  it('checks operations too where it is told so', async () => {
    const trusting = await follow()
    const strict = await follow({ checkOperations: true })
    await trusting.follower.accept(entries[0]!)
    await strict.follower.accept(entries[0]!)
    expect(trusting.application.checks).toBe(0)
    expect(strict.application.checks).toBe(1)
  })

  it('is not moved by an entry damaged at any byte', async () => {
    const { follower, application } = await follow()
    const good = entries[0]!
    for (let i = 0; i < good.length; i++) {
      const damaged = good.slice()
      damaged[i]! ^= 1 << (i % 8)
      expect((await follower.accept(damaged)).ok).toBe(false)
    }
    expect(follower.status().halted).toBeUndefined()
    expect(application.texts).toEqual([])
    expect(code(await follower.accept(good))).toBe('ok')
  })

  it('refuses arbitrary bytes and values without throwing', async () => {
    const { follower } = await follow()
    const value = fc.anything({ withBigInt: false, maxDepth: 3 }).map((any) => {
      try {
        return encode(any)
      } catch {
        return new Uint8Array()
      }
    })
    const tuple = fc
      .tuple(fc.uint8Array({ maxLength: 300 }), fc.string(), fc.option(fc.string()))
      .map(([header, id, refusal]) => {
        const proof = { kind: 'solo' as const, header, signature: new Uint8Array(64) }
        try {
          return encodeEntry(proof, [{ id, bytes: header, refusal }])
        } catch {
          return header
        }
      })
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), value, tuple), async (bytes) => {
        expect((await follower.accept(bytes)).ok).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses an id that cannot be written again instead of throwing', async () => {
    const { proof, ops } = read(entries[0]!)
    const bytes = Buffer.from(encodeEntry(proof, [{ ...ops[0]!, id: 'XXXXXXXXX' }]))
    Buffer.from('__proto__').copy(bytes, bytes.indexOf('XXXXXXXXX'))
    const { follower } = await follow()
    expect(code(await follower.accept(new Uint8Array(bytes)))).toBe('consensus/malformed')
  })

  it('takes a bounded number of entries at once', async () => {
    const { follower } = await follow({ maxWaiting: 2 })
    const verdicts = await Promise.all(entries.map((entry) => follower.accept(entry)))
    expect(verdicts.map(code)).toEqual(['ok', 'ok', 'consensus/busy', 'consensus/busy'])
  })

  it('starts from a snapshot, follows on, and still sees a fork of what lies below', async () => {
    const { leader, entries: all } = await lead(['a', 'b', 'c'])
    const snapshot = await leader.snapshot()
    await leader.submit(utf8('d'), { id: 'd' })
    const { follower, log } = await follow()
    await follower.install(snapshot)
    for (const entry of await all()) expect(code(await follower.accept(entry))).toBe('ok')
    expect(follower.height).toBe(4)
    expect(await follower.entries(1, 10)).toEqual([])
    expect(await follower.entries(4, 10)).toHaveLength(1)
    const other = await resign((await all())[0]!, { time: 5 })
    expect(code(await follower.accept(other))).toBe('consensus/parent')
    const application = createTextList()
    const again = await createSoloFollower({ ...anchor, checker, application, log })
    expect(again.height).toBe(4)
  })

  it('proves an older entry by the newest header', async () => {
    const { follower } = await follow()
    for (const entry of entries) await follower.accept(entry)
    const newest = { ...read(entries[3]!).header }
    for (const height of [1, 2, 3]) {
      const proof = await follower.proveHistory(height)
      expect(verifyHistory(newest, proof)).toMatchObject({ ok: true, height })
      const altered = encodeHeader({ ...read(entries[height - 1]!).header, time: 7 })
      expect(verifyHistory(newest, { ...proof, header: altered }).ok).toBe(false)
    }
    await expect(follower.proveHistory(4)).rejects.toThrow(RangeError)
  })
})

describe('a fork', () => {
  it('at one height is proven, kept over a restart, and ends the following', async () => {
    const one = await (await lead(['a', 'b'])).entries()
    const other = await (await lead(['a', 'x'], memoryLog(), 5_000)).entries()
    const { follower, log } = await follow()
    for (const entry of one) await follower.accept(entry)
    const refused = await follower.accept(other[0]!)
    expect(code(refused)).toBe('consensus/fork')
    const evidence = (refused as { evidence?: Uint8Array }).evidence!
    expect(await verifyForkEvidence(checker, anchor, evidence)).toMatchObject({
      ok: true,
      height: 1,
    })
    expect(code(await follower.accept(one[0]!))).toBe('consensus/halted')
    const again = await follow({ log })
    expect(again.follower.evidence).toEqual(evidence)
    expect(again.follower.status().halted?.code).toBe('consensus/fork')
    expect(again.follower.height).toBe(2)
  })

  it('by a block that does not continue ours is proven as well', async () => {
    const one = await (await lead(['a', 'b'])).entries()
    const other = await (await lead(['x', 'y'], memoryLog(), 5_000)).entries()
    const { follower } = await follow()
    await follower.accept(one[0]!)
    const refused = await follower.accept(other[1]!)
    expect(code(refused)).toBe('consensus/fork')
    const evidence = (refused as { evidence?: Uint8Array }).evidence!
    expect((await verifyForkEvidence(checker, anchor, evidence)).ok).toBe(true)
  })

  it('cannot be made up against an honest founder', async () => {
    const entries = await (await lead(['a', 'b', 'c'])).entries()
    const proofs = entries.map((entry) => read(entry).proof)
    const [first, second, third] = proofs as [
      ParsedEntry['proof'],
      ParsedEntry['proof'],
      ParsedEntry['proof'],
    ]
    const forged = read(await resign(entries[0]!, { time: 7 }, stranger)).proof
    const attempts = [
      [first, first],
      [first, second],
      [second, first],
      [first, third],
      [first, forged],
      [forged, second],
    ] as const
    for (const [a, b] of attempts) {
      expect((await verifyForkEvidence(checker, anchor, encodeForkEvidence(a, b))).ok).toBe(false)
    }
    const own = { ...anchor, founder: stranger.peer }
    const evidence = encodeForkEvidence(first, second)
    expect((await verifyForkEvidence(checker, own, evidence)).ok).toBe(false)
  })
})

describe('the leader', () => {
  it('writes what is submitted at once as one entry: one signature, one append', async () => {
    let appends = 0
    let signatures = 0
    const inner = memoryLog()
    const log: AppendLog = {
      get length() {
        return inner.length
      },
      recovery: inner.recovery,
      append: (records) => {
        appends += 1
        return inner.append(records)
      },
      read: (from, to) => inner.read(from, to),
      close: () => inner.close(),
    }
    const signer = {
      ...founder,
      sign: (...args: Parameters<typeof founder.sign>) => {
        signatures += 1
        return founder.sign(...args)
      },
    }
    const application = createTextList()
    const leader = await createSoloLog({
      instance,
      signer,
      checker,
      application,
      log,
      clock: { now: () => 1 },
    })
    const names = Array.from({ length: 2_500 }, (_, i) => `op-${i}`)
    await Promise.all(names.map((name) => leader.submit(utf8(name), { id: name })))
    expect(application.texts.length).toBe(2_500)
    expect([appends, signatures]).toEqual([3, 3])
  })

  it('splits what does not fit one entry', async () => {
    const { leader } = await lead([])
    const large = Array.from({ length: 5 }, (_, i) => new Uint8Array(200_000).fill(97 + i))
    const receipts = await Promise.all(large.map((op, i) => leader.submit(op, { id: `${i}` })))
    expect(receipts.map(({ height }) => height)).toEqual([1, 1, 2, 2, 3])
  })

  it('holds a bounded queue', async () => {
    const application = createTextList()
    const log = memoryLog()
    const clock = { now: () => 1 }
    const leader = await createSoloLog({
      ...{ instance, signer: founder, checker, application, log, clock },
      maxWaiting: 2,
      maxWaitingBytes: 10,
    })
    const submit = (id: string, size: number) =>
      leader.submit(new Uint8Array(size).fill(97), { id }).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      )
    expect(
      await Promise.all([submit('1', 5), submit('2', 6), submit('3', 5), submit('4', 1)]),
    ).toEqual(['ok', 'consensus/busy', 'ok', 'consensus/busy'])
    expect(leader.status().waiting).toBe(0)
    expect(await submit('5', 5)).toBe('ok')
  })

  it('keeps time from running backwards', async () => {
    const log = memoryLog()
    await lead(['a'], log, 5_000)
    const { leader } = await lead(['b'], log, 1)
    const times = (await leader.entries(1, 9)).map((entry) => read(entry).header.time)
    expect(times[1]!).toBe(times[0])
  })

  it('takes back its own entries after a restore from an older copy, and then cannot fork', async () => {
    const whole = memoryLog()
    const { leader } = await lead(['a', 'b', 'c'], whole)
    const entries = await leader.entries(1, 9)
    const restored = await lead([], memoryLog(entries.slice(0, 1)))
    for (const entry of entries) expect(code(await restored.leader.adopt(entry))).toBe('ok')
    await restored.leader.submit(utf8('d'), { id: 'd' })
    const { follower } = await follow()
    for (const entry of [...entries, ...(await restored.entries())]) {
      expect(code(await follower.accept(entry))).toBe('ok')
    }
    expect(follower.height).toBe(4)
  })

  it('finishes what it has and takes no more once closed', async () => {
    const { leader, application } = await lead([])
    const last = leader.submit(utf8('a'), { id: '1' })
    await leader.close()
    expect((await last).height).toBe(1)
    await expect(leader.submit(utf8('b'), { id: '2' })).rejects.toMatchObject({
      code: 'consensus/closed',
    })
    expect(application.texts.length).toBe(1)
  })

  it('stops when it cannot sign, because its state is ahead of its log', async () => {
    const log = memoryLog()
    let broken = false
    const signer = {
      ...founder,
      sign: async (...args: Parameters<typeof founder.sign>) => {
        if (broken) throw new Error('the key is gone')
        return founder.sign(...args)
      },
    }
    const clock = { now: () => 1 }
    const application = createTextList()
    const leader = await createSoloLog({ instance, signer, checker, application, log, clock })
    await leader.submit(utf8('a'), { id: '1' })
    broken = true
    await expect(leader.submit(utf8('b'), { id: '2' })).rejects.toThrow('the key is gone')
    broken = false
    await expect(leader.submit(utf8('c'), { id: '3' })).rejects.toMatchObject({
      code: 'consensus/halted',
    })
    const { leader: again, application: copy } = await lead(['c'], log)
    expect(again.status().height).toBe(2)
    expect(copy.texts.length).toBe(2)
  })

  it('knows no voters to change', async () => {
    const { leader } = await lead([])
    const change = { kind: 'add', peer: stranger.peer } as const
    await expect(leader.reconfigure(change)).rejects.toMatchObject({
      code: 'consensus/unsupported',
    })
  })
})

describe('a stored log', () => {
  it('that is damaged at any byte is not opened as another history', async () => {
    const log = memoryLog()
    const { application } = await lead(['a', 'b'], log)
    const records = await log.read(0, 2)
    for (const which of [0, 1]) {
      for (let i = 0; i < records[which]!.length; i += 3) {
        const damaged = records.map((record) => record.slice())
        damaged[which]![i]! ^= 1 << (i % 8)
        const copy = createTextList()
        const parts = { ...anchor, checker, application: copy, log: memoryLog(damaged) }
        await createSoloFollower(parts).then(
          // The signature of an entry that is not the newest is not read again: the links cover it.
          () => expect(equalBytes(copy.root(), application.root())).toBe(true),
          (error: { code: string }) => expect(error.code).toBe('consensus/corrupt-log'),
        )
      }
    }
  })

  it('without its first entry, or in another order, is not opened', async () => {
    const log = memoryLog()
    await lead(['a', 'b', 'c'], log)
    const [a, b, c] = (await log.read(0, 3)) as [Uint8Array, Uint8Array, Uint8Array]
    for (const records of [[b, c], [a, c], [a, c, b], [a, a], [encode(1)], [encode(['fork'])]]) {
      const parts = { ...anchor, checker, application: createTextList(), log: memoryLog(records) }
      await expect(createSoloFollower(parts)).rejects.toMatchObject({
        code: 'consensus/corrupt-log',
      })
    }
  })

  it('replays each operation once and checks one signature, however long it is', async () => {
    const log = memoryLog()
    const names = Array.from({ length: 60 }, (_, i) => `op-${i}`)
    const { application } = await lead(names, log)
    const counting = testChecker()
    const copy = createTextList()
    await createSoloFollower({ ...anchor, checker: counting.checker, application: copy, log })
    expect(equalBytes(copy.root(), application.root())).toBe(true)
    expect(copy.texts.length).toBe(60)
    expect(counting.verified).toBe(1)
    expect(copy.checks).toBe(0)
  })

  it('is what the header says, byte for byte', async () => {
    const log = memoryLog()
    await lead(['a'], log)
    const [record] = await log.read(0, 1)
    const decoded = decode(record!)
    expect(decoded.ok && (decoded.value as unknown[])[0]).toBe(1)
    expect(toHex(read(record!).header.historyRoot)).toBe(toHex(merkleRoot([])))
  })
})

describe('a federation that was founded with voters', () => {
  it('takes nothing from its founder alone, whatever the founder signs', async () => {
    const firstSet = committee({ epoch: 1 }).set
    const leader = await lead(['a'])
    const entry = await leader.leader.entryAt(1)
    const voters = new KnownEpochs({ ...facts, firstSet })
    expect((await verifyFinality(checker, anchor, entry!.proof)).ok).toBe(true)
    expect(await verifyFinality(checker, voters.anchor, entry!.proof)).toMatchObject({
      ok: false,
      fault: { code: 'consensus/epoch' },
    })
  })
})
