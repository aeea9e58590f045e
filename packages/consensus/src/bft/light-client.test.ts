import { beforeAll, describe, expect, it } from 'vitest'
import { type Committee, committee, instance } from '../../test/committee.ts'
import { type DecidedLog, decidedLog, factsOf } from '../../test/decided-log.ts'
import { testChecker, testSigner } from '../../test/node-keys.ts'
import { verifyForkEvidence } from '../fork-evidence.ts'
import { verifyEvidence } from './evidence.ts'
import { forkCulprits } from './fork-culprits.ts'
import type { LightPeer } from './light-claim.ts'
import { createLightClient, HEARTBEAT_MS, type LightClientInit } from './light-client.ts'
import { encodeVoterSet, voterSetHash } from './voter-set.ts'

const first = committee({ epoch: 1 })
const second = committee({ epoch: 2, seed: 140 })
const third = committee({ epoch: 3, seed: 180 })
const other = committee({ epoch: 2, seed: 220 })
const { checker } = testChecker()

/** A peer that answers from a log. */
function peerOf(log: DecidedLog, seed: number, change: Partial<LightPeer> = {}): LightPeer {
  const { chain } = log
  return {
    peer: testSigner(seed).peer,
    newest: async (from) => ({
      links: chain.epochs.links.filter((_, i) => i + (chain.epochs.endOf(0) === 0 ? 1 : 0) >= from),
      proof: chain.tip.proof!,
    }),
    voters: async (epoch) => encodeVoterSet(chain.epochs.setOf(epoch)!),
    proveHistory: (height, under) => chain.proveHistory(height, under),
    ...change,
  }
}

function client(init: Partial<LightClientInit> = {}) {
  return createLightClient({ checker, facts: factsOf(null), ...init })
}

/** From the founder to the third set of voters. */
async function grown(upTo: 'first' | 'second' | 'third' = 'third', start = 1_000) {
  const log = await decidedLog(factsOf(null), start)
  await log.solo('a')
  await log.handOver(first)
  await log.decideTogether(first, 'b', 'c')
  if (upTo === 'first') return log
  await log.end(first, second)
  await log.decide(second, 'd')
  if (upTo === 'second') return log
  await log.end(second, third, 'void')
  await log.decide(third, 'e')
  return log
}

const code = (verdict: { ok: boolean; fault?: { code: string } }) =>
  verdict.ok ? 'ok' : verdict.fault!.code

describe('a light client', () => {
  let log: DecidedLog
  beforeAll(async () => {
    log = await grown()
  })

  it('comes from the charter to the newest entry with one certificate an epoch', async () => {
    const light = client()
    const update = await light.update([peerOf(log, 1), peerOf(log, 2)])
    expect(update).toMatchObject({ ok: true, confirmedBy: 2, faults: [] })
    expect(light.tip?.height).toBe(log.chain.tip.height)
    expect(light.tip?.stateRoot).toEqual(log.application.root())
  })

  it('proves any older entry by one inclusion proof, the founder’s too', async () => {
    const light = client()
    await light.update([peerOf(log, 1), peerOf(log, 2)])
    for (const height of [1, 4, 6]) {
      const proof = await log.chain.proveHistory(height)
      expect(light.checkEntry(proof)).toMatchObject({ ok: true, height })
      const forged = { ...proof, path: proof.path.slice(1) }
      expect(light.checkEntry(forged).ok).toBe(false)
    }
  })

  it('starts where its invitation says, and believes no other voters there', async () => {
    const anchor = { epoch: 2, setHash: voterSetHash(second.set), date: 1_000 }
    const light = client({ anchor })
    const liar = peerOf(log, 1, { voters: async () => encodeVoterSet(other.set) })
    expect(code(await light.update([liar]))).toBe('consensus/no-answer')
    const update = await light.update([liar, peerOf(log, 2)])
    expect(update).toMatchObject({ ok: true, confirmedBy: 2 })
    expect(light.anchor?.sets.setOf(1)).toBeUndefined()
    expect(light.checkEntry(await log.chain.proveHistory(1)).ok).toBe(true)
  })

  it('believes nobody where invitation and charter name different first voters', async () => {
    const anchor = { epoch: 1, setHash: voterSetHash(second.set), date: 1_000 }
    const light = client({ facts: factsOf(first), anchor })
    expect(code(await light.update([peerOf(log, 1)]))).toBe('consensus/epoch')
  })

  it('says how many peers vouch, and counts one peer once', async () => {
    const light = client()
    const update = await light.update([peerOf(log, 1), peerOf(log, 1)])
    expect(update).toMatchObject({ ok: true, confirmedBy: 1 })
  })

  it('takes the newer of two honest answers, and goes back for nobody', async () => {
    const old = await decidedLog(factsOf(null))
    for (const entry of (await log.entries()).slice(0, 5)) await old.chain.accept(entry)
    const light = client()
    expect(await light.update([peerOf(old, 1), peerOf(log, 2)])).toMatchObject({ confirmedBy: 2 })
    expect(light.tip?.height).toBe(log.chain.tip.height)
    expect(code(await light.update([peerOf(old, 1)]))).toBe('consensus/no-answer')
    expect(light.tip?.height).toBe(log.chain.tip.height)
  })

  it('is stale once the newest entry is older than two heartbeats', async () => {
    const light = client()
    expect(light.isStale(0)).toBe(true)
    await light.update([peerOf(log, 1), peerOf(log, 2)])
    const { time } = light.tip!
    expect(light.isStale(time + 2 * HEARTBEAT_MS)).toBe(false)
    expect(light.isStale(time + 2 * HEARTBEAT_MS + 1)).toBe(true)
  })

  it('names peers that lie or do not answer, and asks the others', async () => {
    const mute = peerOf(log, 1, { newest: () => Promise.reject(new Error('gone')) })
    const tip = log.chain.tip.proof! as { certificate: Uint8Array }
    const broken = { ...tip, certificate: tip.certificate.slice(1) } as never
    const liar = peerOf(log, 2, {
      newest: async () => ({ links: log.chain.epochs.links, proof: broken }),
    })
    const update = await client().update([mute, liar, peerOf(log, 3)])
    expect(update).toMatchObject({
      ok: true,
      confirmedBy: 1,
      faults: [{ fault: { code: 'consensus/no-answer' } }, { fault: { code: /consensus/ } }],
    })
  })
})

const forks: [string, () => Promise<[DecidedLog, DecidedLog]>][] = [
  ['at one height', async () => [await grown('first'), await grown('first', 7_000)]],
  [
    'at different heights',
    async () => {
      const longer = await grown('first', 7_000)
      await longer.decide(first, 'more')
      return [await grown('first'), longer]
    },
  ],
  [
    'in the voters they name',
    async () => {
      const [one, two] = [await grown('first'), await grown('first')]
      await one.end(first, second)
      await one.decide(second, 'x')
      await two.end(first, other)
      await two.decide(other, 'y')
      return [one, two]
    },
  ],
  [
    'where one epoch ended and went on',
    async () => {
      const [one, two] = [await grown('first'), await grown('first')]
      await one.end(first, second)
      await two.decide(first, 'x')
      await two.decide(first, 'y')
      await two.decide(first, 'z')
      return [one, two]
    },
  ],
]

describe('two peers with certified histories that differ', () => {
  it.each(forks)('%s leave evidence that anyone checks, and stop the client', async (_, make) => {
    const [one, two] = await make()
    const light = client({ facts: factsOf(null) })
    // Both handed over alike; what differs is what the first voters decided.
    const update = await light.update([peerOf(one, 1), peerOf(two, 2)])
    expect(code(update)).toBe('consensus/fork')
    const evidence = light.evidence!
    expect(!update.ok && update.evidence).toEqual(evidence)
    const before = { instance, founder: factsOf(null).founder, sets: commonSets(one) }
    const proven = await verifyForkEvidence(checker, before, evidence)
    expect(proven.ok).toBe(true)
    expect(code(await light.update([peerOf(one, 1)]))).toBe('consensus/fork')
    expect(code(light.checkEntry(await one.chain.proveHistory(1)))).toBe('consensus/fork')
  })

  it('convict those who signed both at one view, and nobody by votes that it lacks', async () => {
    const convicted = async (make: () => Promise<[DecidedLog, DecidedLog]>) => {
      const [one, two] = await make()
      const light = client()
      await light.update([peerOf(one, 1), peerOf(two, 2)])
      const proofs = forkCulprits(light.evidence!)
      const proven = await Promise.all(
        proofs.map((each) => verifyEvidence(checker, instance, commonSets(one), each)),
      )
      return proven.map((each) => each.ok && each.culprit)
    }
    const liars = first.set.voters.slice(0, 3).map(({ peer }) => peer)
    expect(await convicted(forks[2]![1])).toEqual(liars)
    expect(await convicted(forks[0]![1])).toEqual([])
    expect(forkCulprits(new Uint8Array(3))).toEqual([])
  })

  it('are noticed across time: what was known is compared with what comes', async () => {
    const [one, two] = [await grown('first'), await grown('first', 7_000)]
    await two.decide(first, 'more')
    const light = client()
    expect((await light.update([peerOf(one, 1)])).ok).toBe(true)
    expect(code(await light.update([peerOf(two, 2)]))).toBe('consensus/fork')
  })
})

/** What somebody knows who has not seen the fork: the founder and the first voters. */
function commonSets(log: DecidedLog) {
  const { epochs } = log.chain
  return {
    setOf: (epoch: number) => (epoch === 1 ? epochs.setOf(1) : undefined),
    endOf: (epoch: number) => (epoch === 0 ? epochs.endOf(0) : undefined),
  }
}

describe('evicted voters who kept their keys', () => {
  it('can not lead on a client that knows their epoch is over', async () => {
    const log = await grown()
    const light = client()
    await light.update([peerOf(log, 1), peerOf(log, 2)])
    const old = await grown('second')
    for (let i = 0; i < 6; i++) await old.decide(second, `late ${i}`)
    const update = await light.update([peerOf(old, 3)])
    expect(code(update)).not.toBe('ok')
    expect(light.tip?.height).toBe(log.chain.tip.height)
    expect(light.evidence).toBeUndefined()
  })

  it('are not believed past their own end block, by a client that asks one honest peer', async () => {
    const log = await grown('first')
    await log.end(first, second)
    const proof = await afterEnd(log, first)
    const liar = peerOf(log, 1, {
      newest: async () => ({ links: log.chain.epochs.links.slice(0, 1), proof }),
    })
    await log.decide(second, 'new')
    const light = client()
    const update = await light.update([liar, peerOf(log, 2)])
    expect(update).toMatchObject({ ok: true, confirmedBy: 1 })
    expect(light.tip?.height).toBe(log.chain.tip.height)
  })
})

/** A block that voters certify on top of the end of their own epoch. */
async function afterEnd(log: DecidedLog, by: Committee) {
  const { height } = log.chain.tip
  const draft = await log.draft(by, { epoch: by.set.epoch, height: height + 1 })
  return draft.proof
}
