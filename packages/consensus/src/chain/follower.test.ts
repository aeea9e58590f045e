import { memoryLog } from '@folkmoot/base'
import { encode, fromHex, sha256, toHex, utf8 } from '@folkmoot/codec'
import { beforeAll, describe, expect, it } from 'vitest'
import { committee, instance } from '../../test/committee.ts'
import { type DecidedLog, decidedLog, factsOf, founder } from '../../test/decided-log.ts'
import { testChecker } from '../../test/node-keys.ts'
import { type CharterFacts, KnownEpochs, verifyEpochChain } from '../bft/epoch-chain.ts'
import { encodeVoterSet } from '../bft/voter-set.ts'
import { createTextList } from '../conformance/index.ts'
import { encodeEntry, parseEntry } from '../entry.ts'
import { verifyFinality } from '../finality.ts'
import { verifyForkEvidence } from '../fork-evidence.ts'
import { encodeHeader } from '../header.ts'
import { verifyHistory } from '../history.ts'
import { encodeSnapshot, parseSnapshot } from '../snapshot.ts'
import { createSoloLog } from '../solo/leader.ts'
import { createFollower } from './follower.ts'

const first = committee({ epoch: 1 })
const second = committee({ epoch: 2, seed: 140 })
const third = committee({ epoch: 3, seed: 180 })
const { checker } = testChecker()

async function follow(facts: CharterFacts, stored: Uint8Array[] = [], counting = checker) {
  const application = createTextList()
  const log = memoryLog(stored)
  const follower = await createFollower({ facts, checker: counting, application, log })
  return { follower, application, log }
}

const code = (verdict: { ok: boolean; fault?: { code: string } }) =>
  verdict.ok ? 'ok' : verdict.fault!.code

/** Solo, handed over, two changes of voters; entries that one certificate covers among them. */
async function longLog(): Promise<DecidedLog> {
  const log = await decidedLog(factsOf(null))
  await log.solo('a', 'b')
  await log.handOver(first)
  await log.decide(first, 'c')
  await log.decideTogether(first, 'd', 'e', 'f')
  await log.end(first, second)
  await log.decide(second, 'g', 'no')
  await log.end(second, third, 'void')
  await log.decide(third, 'h')
  return log
}

describe('a follower of voters', () => {
  let log: DecidedLog
  let entries: Uint8Array[]
  beforeAll(async () => {
    log = await longLog()
    entries = await log.entries()
  })

  it('goes from the founder through every set of voters with nothing but the charter', async () => {
    const { follower, application } = await follow(factsOf(null))
    for (const entry of entries) expect(code(await follower.accept(entry))).toBe('ok')
    expect(application.texts).toEqual(log.application.texts)
    expect(follower.status()).toMatchObject({ kind: 'bft', epoch: 3, voters: 4, height: 13 })
    expect(follower.epochLinks()).toHaveLength(3)
  })

  it('finds itself again after a restart', async () => {
    const { follower, application } = await follow(factsOf(null), entries)
    expect(follower.status()).toMatchObject({ epoch: 3, height: 13 })
    expect(application.texts).toEqual(log.application.texts)
  })

  it('checks a certificate that many entries share once', async () => {
    const counting = testChecker()
    const { follower } = await follow(factsOf(first), [], counting.checker)
    const together = await decidedLog(factsOf(first))
    await together.decideTogether(first, ...Array.from({ length: 9 }, (_, i) => `text ${i}`))
    for (const entry of await together.entries()) {
      expect(code(await follower.accept(entry))).toBe('ok')
    }
    expect(counting.verified).toBe(3)
  })

  it('verifies every entry on its own by the epochs that it learnt', async () => {
    const { follower } = await follow(factsOf(null), entries)
    for (const entry of entries) {
      const parsed = parseEntry(entry)
      if (!parsed.ok) throw new Error(parsed.fault.message)
      expect((await verifyFinality(checker, follower.anchor, parsed.entry.proof)).ok).toBe(true)
      const { anchor } = new KnownEpochs(factsOf(null))
      const alone = await verifyFinality(checker, anchor, parsed.entry.proof)
      expect(alone.ok).toBe(parsed.entry.header.epoch === 0)
    }
  })

  it('proves an entry of the founder under a certificate of the newest voters', async () => {
    const { follower } = await follow(factsOf(null), entries)
    const proof = await follower.proveHistory(1)
    const newest = (await follower.entryAt(13))!
    const final = await verifyFinality(checker, follower.anchor, newest.proof)
    if (!final.ok) throw new Error(final.fault.message)
    expect(verifyHistory(final, proof)).toMatchObject({ ok: true, height: 1 })
  })

  it('refuses votes of a set before its epoch or after it', async () => {
    const young = await decidedLog(factsOf(first))
    await young.decide(first, 'a')
    const { follower } = await follow(factsOf(first), await young.entries())
    const early = await young.draft(second, { epoch: 2 })
    expect(code(await follower.accept(encodeEntry(early.proof, [])))).toBe('consensus/epoch')
    await young.end(first, second)
    for (const entry of (await young.entries()).slice(1)) await follower.accept(entry)
    const late = await young.draft(first, { epoch: 1 })
    expect(code(await follower.accept(encodeEntry(late.proof, [])))).toBe('consensus/epoch')
    expect(follower.status().halted).toBeUndefined()
  })

  it('refuses a founder who goes on deciding after handing over', async () => {
    const solo = await decidedLog(factsOf(null))
    await solo.solo('a')
    await solo.handOver(first)
    const { follower } = await follow(factsOf(null), await solo.entries())
    const { header } = await solo.chain.execute([], 2_000)
    const bytes = encodeHeader({ ...header, epoch: 0 })
    const signature = await founder.sign('entry', bytes)
    const entry = encodeEntry({ kind: 'solo', header: bytes, signature }, [])
    expect(code(await follower.accept(entry))).toBe('consensus/epoch')
  })

  it('refuses the founder where the charter names voters', async () => {
    const solo = await decidedLog(factsOf(null))
    await solo.solo('a')
    const { follower } = await follow(factsOf(first))
    expect(code(await follower.accept((await solo.entries())[0]!))).toBe('consensus/epoch')
  })

  it('refuses a certificate that finalises another block, or only notarises this one', async () => {
    const log = await decidedLog(factsOf(first))
    const { header, proof } = await log.draft(first)
    const { follower } = await follow(factsOf(first))
    const other = await log.draft(first, { time: header.time + 1 })
    const borrowed = { ...proof, header: other.proof.header }
    expect(code(await follower.accept(encodeEntry(borrowed, [])))).toBe('consensus/certificate')
    const certificate = encode([1, 1, 1, sha256(proof.header), new Uint8Array([7]), []])
    const unsigned = { ...proof, certificate } as typeof proof
    expect((await follower.accept(encodeEntry(unsigned, []))).ok).toBe(false)
    expect(code(await follower.accept(encodeEntry(proof, [])))).toBe('ok')
  })

  it('stops at voters that the state has not decided on', async () => {
    const log = await decidedLog(factsOf(first))
    await log.decide(first, `set ${toHex(encodeVoterSet(second.set))}`)
    const stranger = committee({ epoch: 2, seed: 700 })
    const nextSetHash = sha256(encodeVoterSet(stranger.set))
    const { bft } = (await log.draft(first)).header
    const draft = await log.draft(first, { nextSetHash, bft: { ...bft!, flags: 1 } })
    const { follower } = await follow(factsOf(first), await log.entries())
    const verdict = await follower.accept(encodeEntry(draft.proof, []))
    expect(code(verdict)).toBe('consensus/state-mismatch')
  })

  it('proves two certified histories and stops for good', async () => {
    const one = await decidedLog(factsOf(first))
    const two = await decidedLog(factsOf(first), 9_000)
    await one.decide(first, 'one')
    await two.decide(first, 'two')
    const { follower, log } = await follow(factsOf(first), await one.entries())
    const refused = await follower.accept((await two.entries())[0]!)
    expect(code(refused)).toBe('consensus/fork')
    const proven = await verifyForkEvidence(checker, follower.anchor, follower.evidence!)
    expect(proven).toMatchObject({ ok: true, height: 1 })
    const again = await follow(factsOf(first), await log.read(0, log.length))
    expect(again.follower.status().halted?.code).toBe('consensus/fork')
  })

  it('never takes a void block for an entry', async () => {
    const log = await decidedLog(factsOf(first))
    const { header } = await log.draft(first)
    const draft = await log.draft(first, { bft: { ...header.bft!, flags: 2 } })
    const { follower } = await follow(factsOf(first))
    expect(code(await follower.accept(encodeEntry(draft.proof, [])))).toBe('consensus/malformed')
  })

  it('does not open a log in which somebody wrote other voters', async () => {
    const forged = await decidedLog(factsOf(null))
    await forged.solo('a')
    await forged.handOver(first)
    await forged.decide(first, 'b')
    const stored = await forged.entries()
    const handing = parseEntry(stored[2]!)
    if (!handing.ok) throw new Error(handing.fault.message)
    const signature = new Uint8Array(64).fill(1)
    stored[2] = encodeEntry({ ...handing.entry.proof, signature } as typeof handing.entry.proof, [])
    await expect(follow(factsOf(null), stored)).rejects.toMatchObject({
      code: 'consensus/corrupt-log',
    })
  })
})

describe('a snapshot across epochs', () => {
  it.each([6, 9, 10, 13])('at entry %i starts a follower that goes on', async (height) => {
    const log = await longLog()
    const entries = await log.entries()
    const source = await follow(factsOf(null))
    for (const entry of entries.slice(0, height)) await source.follower.accept(entry)
    const snapshot = parseSnapshot(encodeSnapshot(await source.follower.snapshot()))
    if (!snapshot.ok) throw new Error(snapshot.fault.message)
    const target = await follow(factsOf(null))
    await target.follower.install(snapshot.snapshot)
    for (const entry of entries.slice(height)) {
      expect(code(await target.follower.accept(entry))).toBe('ok')
    }
    expect(target.follower.status()).toMatchObject({ epoch: 3, height: 13 })
    expect(target.application.texts).toEqual(log.application.texts)
    const again = await follow(factsOf(null), await target.log.read(0, target.log.length))
    expect(again.follower.height).toBe(13)
  })

  it('without one of its epochs, or with those of another log, is refused', async () => {
    const log = await longLog()
    const snapshot = log.chain.snapshot()
    const other = await decidedLog(factsOf(null))
    await other.solo('x')
    await other.handOver(first)
    await other.end(first, second)
    await other.end(second, third)
    const broken = [
      { ...snapshot, epochs: snapshot.epochs.slice(1) },
      { ...snapshot, epochs: snapshot.epochs.slice(0, -1) },
      { ...snapshot, epochs: other.chain.snapshot().epochs },
    ]
    for (const each of broken) {
      const { follower } = await follow(factsOf(null))
      await expect(follower.install(each)).rejects.toMatchObject({ code: 'consensus/snapshot' })
    }
  })
})

describe('the chain of epochs', () => {
  const verify = (links: Parameters<typeof verifyEpochChain>[2], facts = factsOf(null)) =>
    verifyEpochChain(checker, facts, links)

  it('leads from the charter to the newest voters', async () => {
    const log = await longLog()
    const verdict = await verify(log.chain.epochs.links)
    if (!verdict.ok) throw new Error(verdict.fault.message)
    expect(verdict.sets.current).toBe(3)
    expect(verdict.sets.setOf(3)).toEqual(third.set)
    expect([0, 1, 2, 3].map((epoch) => verdict.sets.endOf(epoch))).toEqual([3, 9, 12, undefined])
  })

  it('has no link missing, twice, out of order or with other voters', async () => {
    const { links } = (await longLog()).chain.epochs
    const [a, b, c] = links as [(typeof links)[0], (typeof links)[0], (typeof links)[0]]
    const nextSet = encodeVoterSet(committee({ epoch: 2, seed: 900 }).set)
    for (const broken of [[a, c], [a, a], [b], [a, { ...b, nextSet }], [c, b, a]]) {
      expect((await verify(broken)).ok).toBe(false)
    }
    expect((await verify(links, factsOf(first))).ok).toBe(false)
    expect((await verify([a, { ...b, more: 1 } as typeof b])).ok).toBe(false)
  })
})

describe('engines that only crash', () => {
  const members = committee({ size: 3, epoch: 1, engine: 'raft' })

  it('prove entries by a majority, in epochs of their own only', async () => {
    const log = await decidedLog(factsOf(members))
    await log.decide(members, 'a')
    await log.decide(members, 'b')
    const { follower } = await follow(factsOf(members))
    for (const entry of await log.entries()) expect(code(await follower.accept(entry))).toBe('ok')
    expect(follower.status()).toMatchObject({ kind: 'raft', voters: 3 })
    const liars = await follow(factsOf(committee({ size: 3, epoch: 1 })))
    expect(code(await liars.follower.accept((await log.entries())[0]!))).toBe('consensus/epoch')
  })

  it('change a member by an entry that names the next set', async () => {
    const next = committee({ size: 3, epoch: 2, engine: 'raft', seed: 140 })
    const log = await decidedLog(factsOf(members))
    await log.end(members, next)
    await log.decide(next, 'b')
    const { follower } = await follow(factsOf(members))
    for (const entry of await log.entries()) expect(code(await follower.accept(entry))).toBe('ok')
    expect(follower.status().epoch).toBe(2)
  })
})

describe('a founder that hands over', () => {
  async function open(log = memoryLog()) {
    const application = createTextList()
    const clock = { now: () => 5_000 }
    const init = { instance, signer: founder, checker, application, log, clock }
    return { leader: await createSoloLog(init), log }
  }
  const set = encodeVoterSet(first.set)
  const change = { kind: 'engine', engine: 'bft', set } as const

  it('signs one last entry, and takes nothing after it, nor after a restart', async () => {
    const { leader, log } = await open()
    await leader.submit(utf8(`set ${toHex(set)}`), { id: 'set' })
    const { height, proof } = await leader.reconfigure(change)
    expect(height).toBe(2)
    expect((await verifyFinality(checker, leader.anchor, proof)).ok).toBe(true)
    const refused = { code: 'consensus/handed-over' }
    await expect(leader.submit(utf8('a'), { id: 'a' })).rejects.toMatchObject(refused)
    const { leader: again } = await open(log)
    await expect(again.submit(utf8('a'), { id: 'a' })).rejects.toMatchObject(refused)
    expect(again.epochLinks()).toHaveLength(1)
    expect(fromHex(toHex(again.epochLinks()[0]!.nextSet))).toEqual(set)
  })

  it('only to voters that the state has decided on', async () => {
    const { leader } = await open()
    await leader.submit(utf8('a'), { id: 'a' })
    const refused = { code: 'consensus/voter-set' }
    await expect(leader.reconfigure(change)).rejects.toMatchObject(refused)
    const later = encodeVoterSet(second.set)
    await leader.submit(utf8(`set ${toHex(later)}`), { id: 'set' })
    const skipping = { ...change, set: later }
    await expect(leader.reconfigure(skipping)).rejects.toMatchObject(refused)
    await leader.submit(utf8('b'), { id: 'b' })
    expect(leader.status().halted).toBeUndefined()
  })
})
