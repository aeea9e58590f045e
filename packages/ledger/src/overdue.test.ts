/** Seats of those who hold up a change of voters: the silent, the slow, and who says so. */
import { parseVoterSet } from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { votingWorld } from '../test/voting-world.ts'
import { outcomeOf } from '../test/world.ts'

type Voting = Awaited<ReturnType<typeof votingWorld>>

const keptMs = 600_000
const rotate = { kind: 'voter.rotate', body: {} } as const
const peersOf = (...seeds: number[]) => seeds.map((seed) => testSigner(seed).peer).sort()

function nextOf({ world }: Voting) {
  const parsed = parseVoterSet(world.ledger.nextSet() ?? new Uint8Array())
  return parsed.ok ? parsed.set.voters.map(({ peer }) => peer) : null
}

const overdue = async ({ world }: Voting, by: number, peer: number) =>
  outcomeOf(await world.submit(testSigner(by), 'voter.overdue', { peer: testSigner(peer).peer }))

async function register(moot: Voting, epoch: number, ...seeds: number[]) {
  for (const seed of seeds) expect(outcomeOf(await moot.register(seed, epoch))).toBe('ok')
}

const offer = (seed: number) =>
  ({
    kind: 'voter.offer',
    body: { peer: testSigner(seed).peer, org: `org ${seed}`, seat: true },
  }) as const

describe('a voter that registers no key for the next epoch', () => {
  it('loses its seat after a notice and a time, and the others go on without it', async () => {
    const moot = await votingWorld()
    const { world, voting } = moot
    await register(moot, 2, 1, 2, 3)
    await moot.propose(world.founder, rotate)
    expect(nextOf(moot)).toBe(null)
    expect([...voting().holdingUp]).toEqual([[testSigner(4).peer, null]])
    expect(await overdue(moot, 2, 4)).toBe('ok')
    expect(voting().holdingUp.get(testSigner(4).peer)).toBeGreaterThan(keptMs)
    world.pass(keptMs - 10_000)
    expect(await overdue(moot, 3, 4)).toBe('ledger/not-overdue')
    expect(nextOf(moot)).toBe(null)
    world.pass(10_000)
    expect(await overdue(moot, 3, 4)).toBe('ok')
    expect(nextOf(moot)).toEqual(peersOf(1, 2, 3))
    expect(voting().roles.get(testSigner(4).peer)).toBeUndefined()
    // The seat can be offered again, and the notice is not held against it.
    expect(outcomeOf((await moot.propose(world.founder, offer(4))).verdict)).toBe('ok')
    expect(outcomeOf(await moot.accept(4, 2))).toBe('ok')
    expect(nextOf(moot)).toEqual(peersOf(1, 2, 3, 4))
    expect(voting().holdingUp.size).toBe(0)
  })

  it('makes room for who stands by with a key', async () => {
    const moot = await votingWorld()
    await moot.admit(5)
    const standby = { ...offer(5), body: { ...offer(5).body, seat: false } }
    await moot.propose(moot.world.founder, standby)
    expect(outcomeOf(await moot.accept(5, 2))).toBe('ok')
    await register(moot, 2, 1, 2, 3)
    await moot.propose(moot.world.founder, rotate)
    await overdue(moot, 1, 4)
    moot.world.pass(keptMs)
    expect(await overdue(moot, 1, 4)).toBe('ok')
    expect(nextOf(moot)).toEqual(peersOf(1, 2, 3, 5))
  })

  it('keeps it when its key comes in time, and needs a new notice afterwards', async () => {
    const moot = await votingWorld()
    await register(moot, 2, 1, 2)
    await moot.propose(moot.world.founder, rotate)
    for (const seed of [3, 4]) expect(await overdue(moot, 1, seed)).toBe('ok')
    await register(moot, 2, 4)
    moot.world.pass(keptMs)
    expect(await overdue(moot, 1, 4)).toBe('ledger/not-overdue')
    expect(await overdue(moot, 1, 3)).toBe('ok')
    expect(nextOf(moot)).toEqual(peersOf(1, 2, 4))
  })

  it('does not keep an evicted liar in office', async () => {
    const moot = await votingWorld(7)
    await register(moot, 2, 1, 2, 3, 4, 5)
    const lied = await moot.evidence(7, 1)
    expect(outcomeOf(await moot.world.submit(testSigner(1), 'evidence', lied))).toBe('ok')
    expect(nextOf(moot)).toBe(null)
    expect(await overdue(moot, 1, 6)).toBe('ok')
    moot.world.pass(keptMs)
    expect(await overdue(moot, 2, 6)).toBe('ok')
    expect(nextOf(moot)).toEqual(peersOf(1, 2, 3, 4, 5))
  })
})

describe('a peer that was seated and never gets in step', () => {
  it('loses its seat although its key is there, and no present voter does', async () => {
    const moot = await votingWorld(1)
    await moot.admit(5)
    await register(moot, 2, 1)
    await moot.propose(moot.world.founder, offer(5))
    // It comes with a key for the epoch after, so that the one it needs can be missing.
    expect(outcomeOf(await moot.accept(5, 3))).toBe('ok')
    expect([...moot.voting().holdingUp.keys()]).toEqual(peersOf(5))
    await register(moot, 2, 5)
    expect(nextOf(moot)).toEqual(peersOf(1, 5))
    expect(await overdue(moot, 1, 1)).toBe('ledger/not-overdue')
    expect(await overdue(moot, 1, 5)).toBe('ok')
    moot.world.pass(keptMs)
    expect(await overdue(moot, 1, 5)).toBe('ok')
    expect(nextOf(moot)).toEqual(peersOf(1))
  })

  it('is forgotten with its notice once the epoch has begun', async () => {
    const moot = await votingWorld(1)
    await moot.admit(5)
    await register(moot, 2, 1)
    await moot.propose(moot.world.founder, offer(5))
    expect(outcomeOf(await moot.accept(5, 2))).toBe('ok')
    expect(await overdue(moot, 1, 5)).toBe('ok')
    moot.world.enter(2)
    moot.world.pass(keptMs)
    // Refused: it leaves no trace, so the state has yet to hear of the epoch.
    expect(await overdue(moot, 1, 5)).toBe('ledger/not-overdue')
    await register(moot, 3, 1)
    expect(moot.voting()).toMatchObject({ epoch: 2 })
    await moot.propose(moot.world.founder, rotate)
    expect([...moot.voting().holdingUp]).toEqual([[testSigner(5).peer, null]])
  })
})

describe('a notice', () => {
  it('is given by voters, about those whom a change waits for', async () => {
    const moot = await votingWorld()
    await moot.admit(5)
    await register(moot, 2, 1, 2, 3)
    expect(await overdue(moot, 1, 4)).toBe('ledger/not-overdue')
    await moot.propose(moot.world.founder, rotate)
    expect(await overdue(moot, 5, 4)).toBe('ledger/not-allowed')
    expect(await overdue(moot, 1, 3)).toBe('ledger/not-overdue')
    expect(await overdue(moot, 1, 9)).toBe('ledger/not-overdue')
  })

  it('runs as long as the charter says', async () => {
    const moot = await votingWorld(4, { limits: { voteKeyMs: 5_000 } })
    await register(moot, 2, 1, 2, 3)
    await moot.propose(moot.world.founder, rotate)
    expect(await overdue(moot, 1, 4)).toBe('ok')
    moot.world.pass(4_000)
    expect(await overdue(moot, 1, 4)).toBe('ok')
    expect(nextOf(moot)).toEqual(peersOf(1, 2, 3))
  })

  it('outlasts no more keys than may be registered for an epoch', async () => {
    const moot = await votingWorld(1)
    await moot.admit(5)
    await register(moot, 2, 1)
    await moot.propose(moot.world.founder, offer(5))
    expect(outcomeOf(await moot.accept(5, 2))).toBe('ok')
    for (const turn of [1, 2, 3]) {
      await overdue(moot, 1, 5)
      expect(outcomeOf(await moot.register(5, 2, turn))).toBe('ok')
    }
    await overdue(moot, 1, 5)
    expect(outcomeOf(await moot.register(5, 2, 4))).toBe('ledger/full')
    moot.world.pass(keptMs)
    expect(await overdue(moot, 1, 5)).toBe('ok')
    expect(nextOf(moot)).toEqual(peersOf(1))
  })
})
