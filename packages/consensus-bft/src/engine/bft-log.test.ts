/** Engines that reach each other in memory: what a whole peer sees of agreement. */
import { memoryLog } from '@folkmoot/base'
import { toHex, utf8 } from '@folkmoot/codec'
import type { Mark } from '@folkmoot/consensus'
import {
  blockId,
  encodeCertificate,
  encodeEntry,
  encodeForkEvidence,
  encodeHeader,
  encodeVoterSet,
  type FinalEntry,
  type FinalityProof,
  makeCertificate,
  makeVoterSet,
  parseEntry,
  type Vote,
  type VoterSet,
  verifyFinality,
  voteBytes,
} from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { createSigner, type FederationId } from '@folkmoot/identity'
import { afterEach, describe, expect, it } from 'vitest'
import { checker, Hub, instance } from '../../test/memory-network.ts'
import { type BftLog, entriesMessage, MAX_MESSAGE_BYTES, voteKeyName } from '../index.ts'

let opened: BftLog[] = []
afterEach(async () => {
  await Promise.all(opened.map((engine) => engine.close()))
  opened = []
})

async function openAll(hub: Hub): Promise<BftLog[]> {
  const engines = await Promise.all(hub.places.map((_, place) => hub.open(place)))
  opened.push(...engines)
  return engines
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 3_000) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** An entry in a view of its own, by the first three voters, who sign whatever they like. */
async function decided(hub: Hub, view: number): Promise<FinalityProof> {
  const zero = new Uint8Array(32)
  const hashes = { parentHash: zero, payloadHash: zero, stateRoot: zero, historyRoot: zero }
  const bft = { view, parentView: 0, justifyHash: zero, flags: 0 }
  const header = encodeHeader({ instance, epoch: 1, height: 1, time: view, ...hashes, bft })
  const hash = blockId(header)
  const votes = hub.set.voters.slice(0, 3).map(async ({ peer }, voter): Promise<Vote> => {
    const { database } = hub.places.find((place) => place.peer === peer)!
    const signer = createSigner((await database.key(voteKeyName(1)))!)
    const bytes = voteBytes(instance as FederationId, 1, 'finalise', view, hash)
    const signature = await signer.sign('vote', bytes)
    return { epoch: 1, kind: 'finalise', view, hash, voter, signature }
  })
  const certificate = encodeCertificate(makeCertificate(hub.set, await Promise.all(votes))!)
  return { kind: 'bft', header, certificate, under: null }
}

describe('engines of four voters and an observer', () => {
  it('take operations from each voter and keep one log', async () => {
    const hub = new Hub(4, 1)
    const engines = await openAll(hub)
    await Promise.all(
      engines
        .slice(0, 4)
        .flatMap((engine, i) =>
          [0, 1, 2, 3, 4].map((n) => engine.submit(utf8(`${i}-${n}`), { id: `${i}-${n}` })),
        ),
    )
    const top = Math.max(...engines.map((engine) => engine.status().height))
    await until(() => engines.every((engine) => engine.status().height >= top))
    const logs = await Promise.all(
      engines.map(async (engine) => {
        const entries: FinalEntry[] = []
        for (let height = 1; height <= top; height++) entries.push((await engine.entryAt(height))!)
        return entries.map(({ header }) => toHex(header)).join()
      }),
    )
    expect(new Set(logs).size).toBe(1)
    expect(engines[4]!.status()).toMatchObject({ isSeated: false, isVoting: false, voters: 4 })
    expect(engines[0]!.status()).toMatchObject({ isVoting: true, tolerates: 1 })
  })

  it('answer a read barrier that covers what another has acknowledged', async () => {
    const engines = await openAll(new Hub(4, 1))
    for (let i = 0; i < 10; i++) {
      const { height } = await engines[i % 4]!.submit(utf8(`op-${i}`), { id: `op-${i}` })
      for (const reader of [engines[(i + 1) % 4]!, engines[4]!]) {
        expect(await reader.readBarrier()).toBeGreaterThanOrEqual(height)
        expect(reader.status().height).toBeGreaterThanOrEqual(height)
      }
    }
  })

  it('go on without one of them, and bring it up to date when it is back', async () => {
    const hub = new Hub(4)
    const engines = await openAll(hub)
    await engines[0]!.submit(utf8('a'), { id: 'a' })
    hub.cut.add(hub.places[3]!.peer)
    for (let i = 0; i < 4; i++) await engines[0]!.submit(utf8(`b-${i}`), { id: `b-${i}` })
    hub.cut.clear()
    await engines[1]!.submit(utf8('c'), { id: 'c' })
    await until(() => engines[3]!.status().height >= engines[1]!.status().height)
  }, 30_000)

  it('refuse entries of which one is proven falsely, from whoever reaches them, and catch up', async () => {
    const hub = new Hub(4, 1)
    const engines = await openAll(hub)
    await engines[0]!.submit(utf8('a'), { id: 'a' })
    await until(() => engines[3]!.status().height > 0)
    const { height } = engines[3]!.status()
    const behind = hub.places[3]!.peer
    hub.cut.add(behind)
    for (let i = 0; i < 4; i++) await engines[0]!.submit(utf8(`b-${i}`), { id: `b-${i}` })
    const [first, ...rest] = await engines[0]!.entries(height + 1, 100)
    const parsed = parseEntry(first!)
    if (!parsed.ok || parsed.entry.proof.kind !== 'bft') throw new Error('no entry')
    const { proof, ops } = parsed.entry
    const forged = encodeEntry({ ...proof, certificate: utf8('none'), under: null }, ops)
    hub.cut.clear()
    hub.network(hub.places[4]!.peer).send(behind, entriesMessage([forged, ...rest]))
    await engines[1]!.submit(utf8('c'), { id: 'c' })
    await until(() => engines[3]!.status().height >= engines[1]!.status().height)
    expect(engines[3]!.status().halted).toBeUndefined()
  }, 30_000)

  it('send more than one message holds to whoever was away, a part at a time', async () => {
    const hub = new Hub(4)
    const engines = await openAll(hub)
    await engines[0]!.submit(utf8('a'), { id: 'a' })
    hub.cut.add(hub.places[3]!.peer)
    for (let i = 0; i < 8; i++) {
      await engines[0]!.submit(new Uint8Array(200 * 1024).fill(97 + i), { id: `b-${i}` })
    }
    hub.cut.clear()
    await engines[1]!.submit(utf8('c'), { id: 'c' })
    await until(() => engines[3]!.status().height >= engines[1]!.status().height)
    expect(hub.largest).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
  }, 30_000)

  it('vote on after a restart from their own log and votes', async () => {
    const hub = new Hub(4)
    const log = memoryLog()
    const others = await Promise.all([1, 2, 3].map((place) => hub.open(place)))
    opened.push(...others)
    const first = await hub.open(0, { log })
    await first.submit(utf8('a'), { id: 'a' })
    await first.close()
    const again = await hub.open(0, { log })
    opened.push(again)
    const { height } = await again.submit(utf8('b'), { id: 'b' })
    expect(height).toBeGreaterThan(1)
    expect(again.status().isVoting).toBe(true)
    expect((await again.submit(utf8('a'), { id: 'a' })).height).toBe(1)
  }, 30_000)
})

describe('a voter that is shown proof of a fork', () => {
  it('stops at once and for good, and answers with it', async () => {
    const hub = new Hub(4)
    const log = memoryLog()
    const engine = await hub.open(0, { log })
    opened.push(engine)
    const waiting = engine.submit(utf8('a'), { id: 'a' })
    const evidence = encodeForkEvidence(await decided(hub, 3), await decided(hub, 5))
    const stopped = expect(waiting).rejects.toMatchObject({ code: 'consensus/fork' })
    expect(await engine.acceptFork(evidence)).toMatchObject({ ok: true })
    await stopped
    expect(engine.evidence).toEqual(evidence)
    await expect(engine.submit(utf8('b'), { id: 'b' })).rejects.toMatchObject({
      code: 'consensus/halted',
    })
    await engine.close()
    const before = hub.messages
    const again = await hub.open(0, { log })
    opened.push(again)
    expect(again.evidence).toEqual(evidence)
    expect(again.status()).toMatchObject({ halted: { code: 'consensus/fork' }, isVoting: false })
    const others = await Promise.all([1, 2, 3].map((place) => hub.open(place)))
    opened.push(...others)
    await others[0]!.submit(utf8('c'), { id: 'c' })
    expect(again.status().height).toBe(0)
    expect(hub.messages).toBeGreaterThan(before)
  }, 30_000)

  it('goes on where it proves nothing', async () => {
    const hub = new Hub(4)
    const engines = await openAll(hub)
    const one = await decided(hub, 3)
    const other = await decided(new Hub(4), 5)
    const foreign = encodeForkEvidence(one, { ...other, header: one.header } as FinalityProof)
    expect(await engines[0]!.acceptFork(encodeForkEvidence(one, one))).toMatchObject({ ok: false })
    expect(await engines[0]!.acceptFork(foreign)).toMatchObject({ ok: false })
    expect(await engines[0]!.acceptFork(utf8('fork'))).toMatchObject({ ok: false })
    await engines[0]!.submit(utf8('a'), { id: 'a' })
    expect(engines[0]!.status().halted).toBeUndefined()
  }, 30_000)
})

describe('a change of voters', () => {
  /** Seats for these places, with keys made in their own databases. */
  async function seat(hub: Hub, engines: readonly BftLog[], epoch: number, places: number[]) {
    const voters = await Promise.all(
      places.map(async (place) => {
        const { peer } = hub.places[place]!
        return { peer, org: peer, voteKey: await engines[place]!.voteKeyFor(epoch) }
      }),
    )
    const made = makeVoterSet({ epoch, voters, crossOrg: false })
    if (!made.ok) throw new Error(made.fault.message)
    return made.set
  }

  const decide = (engine: BftLog, set: VoterSet) =>
    engine.submit(utf8(`set ${toHex(encodeVoterSet(set))}`), { id: `set-${set.epoch}` })

  it('seats an observer in place of a voter, whose old key is gone, and goes on', async () => {
    const hub = new Hub(4, 1)
    const engines = await openAll(hub)
    await engines[0]!.submit(utf8('a'), { id: 'a' })
    const next = await seat(hub, engines, 2, [0, 1, 2, 4])
    await decide(engines[0]!, next)
    await until(() => engines.every((engine) => engine.set.epoch === 2))
    const receipt = await engines[4]!.submit(utf8('b'), { id: 'b' })
    await engines[3]!.submit(utf8('c'), { id: 'c' })
    expect(engines[4]!.status()).toMatchObject({ isVoting: true, epoch: 2 })
    expect(engines[3]!.status()).toMatchObject({ isSeated: false })
    for (const { database } of hub.places.slice(0, 4)) {
      expect(await database.key(voteKeyName(1))).toBeUndefined()
    }
    const final = await verifyFinality(checker, engines[1]!.anchor, receipt.proof)
    expect(final).toMatchObject({ ok: true, epoch: 2 })
    expect(engines[2]!.epochLinks().length).toBe(1)
  }, 30_000)

  it('goes from one voter to four and back, each proof still valid', async () => {
    const hub = new Hub(1, 3)
    const engines = await openAll(hub)
    const proofs = [(await engines[0]!.submit(utf8('a'), { id: 'a' })).proof]
    await decide(engines[0]!, await seat(hub, engines, 2, [0, 1, 2, 3]))
    await until(() => engines.every((engine) => engine.set.epoch === 2))
    proofs.push((await engines[2]!.submit(utf8('b'), { id: 'b' })).proof)
    await decide(engines[1]!, await seat(hub, engines, 3, [2]))
    await until(() => engines.every((engine) => engine.set.epoch === 3))
    proofs.push((await engines[0]!.submit(utf8('c'), { id: 'c' })).proof)
    const application = createTextList()
    const fresh = await hub.open(3, { application, log: memoryLog() })
    opened.push(fresh)
    await until(() => fresh.set.epoch === 3 && application.texts.length >= 5)
    for (const proof of proofs) {
      expect(await verifyFinality(checker, fresh.anchor, proof)).toMatchObject({ ok: true })
    }
  }, 30_000)
})

describe('an engine whose disk or state fails it', () => {
  /** Fails while it is told to. */
  function failing(hub: Hub, place: number) {
    const fails = { disk: false }
    const { database } = hub.places[place]!
    const log = memoryLog()
    const ask = <T>(answer: () => Promise<T>): Promise<T> =>
      fails.disk ? Promise.reject(new Error('the disk is gone')) : answer()
    return {
      fails,
      database: {
        ...database,
        list: (range) => ask(() => database.list(range)),
      } as typeof database,
      log: Object.assign(Object.create(log) as typeof log, {
        append: (records: readonly Uint8Array[]) => ask(() => log.append(records)),
      }),
    }
  }

  it('stops where it cannot begin anew on a snapshot, and says so', async () => {
    const hub = new Hub(1, 1)
    const voter = await hub.open(0)
    opened.push(voter)
    await voter.submit(utf8('a'), { id: 'a' })
    const snapshot = await voter.snapshot()
    hub.cut.add(hub.places[0]!.peer)
    const { fails, database } = failing(hub, 1)
    const observer = await hub.open(1, { database })
    opened.push(observer)
    const told: string[] = []
    observer.on((event) => told.push(event.type))
    fails.disk = true
    await expect(observer.install(snapshot)).rejects.toThrow('the disk is gone')
    expect(observer.status().halted).toMatchObject({ code: 'consensus/storage-failed' })
    expect(told).toEqual(['halt'])
    await expect(observer.readBarrier()).rejects.toMatchObject({ code: 'consensus/halted' })
  }, 30_000)

  it('votes no more on proof of a fork that it could not write down', async () => {
    const hub = new Hub(4)
    const { fails, log } = failing(hub, 0)
    const engine = await hub.open(0, { log })
    opened.push(engine)
    const evidence = encodeForkEvidence(await decided(hub, 3), await decided(hub, 5))
    const told: string[] = []
    engine.on((event) => told.push(event.type))
    const waiting = engine.submit(utf8('a'), { id: 'a' })
    const stopped = expect(waiting).rejects.toMatchObject({ code: 'consensus/storage-failed' })
    fails.disk = true
    await expect(engine.acceptFork(evidence)).rejects.toMatchObject({
      code: 'consensus/storage-failed',
    })
    await stopped
    expect(told).toEqual(['halt'])
    fails.disk = false
    const others = await Promise.all([1, 2, 3].map((place) => hub.open(place)))
    opened.push(...others)
    await others[0]!.submit(utf8('b'), { id: 'b' })
    expect(engine.status()).toMatchObject({
      height: 0,
      halted: { code: 'consensus/storage-failed' },
    })
  }, 30_000)

  it('answers whoever waits where it cannot be closed in order, and every caller alike', async () => {
    const hub = new Hub(4)
    let fails = false
    const list = () => {
      const application = createTextList()
      const mark = application.mark.bind(application)
      const roll = (made: Mark) => () => {
        if (fails) throw new Error('no way back')
        made.rollback()
      }
      return Object.assign(application, {
        mark: () => {
          const made = mark()
          return { rollback: roll(made), release: made.release }
        },
      })
    }
    const lists = [list(), list(), list(), list()]
    const engines = await Promise.all(
      lists.map((application, place) => hub.open(place, { application })),
    )
    opened.push(...engines)
    await engines[0]!.submit(utf8('a'), { id: 'a' })
    // Whoever leads builds a block that nobody else sees, so that it does not become final.
    const leading = () => engines.findIndex((engine) => engine.status().role === 'leader')
    await until(() => leading() >= 0)
    for (const { peer } of hub.places) hub.cut.add(peer)
    const leads = leading()
    const [engine, application] = [engines[leads]!, lists[leads]!]
    opened = opened.filter((each) => each !== engine)
    const waiting = engine.submit(utf8('b'), { id: 'b' })
    await until(() => application.texts.some((text) => text.endsWith(' b')))
    fails = true
    const answered = expect(waiting).rejects.toMatchObject({ code: 'consensus/closed' })
    const closing = [engine.close(), engine.close(), engine.release()]
    const results = await Promise.allSettled(closing)
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await answered
    fails = false
  }, 30_000)
})
