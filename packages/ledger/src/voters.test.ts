/** Who votes: seats, keys, epochs, replacements, evidence. */
import { charterFacts, faultWeight, parseVoterSet, voterSetHash } from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { voteSigner, votingTools, votingWorld } from '../test/voting-world.ts'
import { createWorld, outcomeOf } from '../test/world.ts'
import { createLedger, factKey, verifyFact } from './index.ts'

type Voting = Awaited<ReturnType<typeof votingWorld>>

function nextOf({ world }: Pick<Voting, 'world'>) {
  const bytes = world.ledger.nextSet()
  const parsed = bytes && parseVoterSet(bytes)
  return parsed?.ok ? parsed.set : null
}

const peersOf = (set: { voters: readonly { peer: string }[] } | null) =>
  set?.voters.map(({ peer }) => peer)
const sortedPeers = (...seeds: number[]) => seeds.map((seed) => testSigner(seed).peer).sort()

async function registerAll({ register }: Pick<Voting, 'register'>, seeds: number[], epoch: number) {
  for (const seed of seeds) expect(outcomeOf(await register(seed, epoch))).toBe('ok')
}

/** Goes over into the next epoch, which the state hears of with the next operation. */
async function turn(moot: Voting, epoch: number) {
  moot.world.enter(epoch)
  const revoke = { peer: moot.world.founder.peer, checkpoint: await checkpoint(moot, epoch) }
  expect(outcomeOf(await moot.world.submit(moot.world.founder, 'audit.checkpoint', revoke))).toBe(
    'ok',
  )
}
const checkpoint = ({ world }: Voting, size: number) => world.checkpoint(1, 'a'.repeat(32), size)

describe('a federation founded by voters', () => {
  it('has them as voters and members of epoch 1, provably', async () => {
    const { world, voters, voting } = await votingWorld()
    const first = charterFacts(world.charter.charter, world.fed)
    if (!first.ok) throw new Error(first.fault.message)
    expect(voting().epoch).toBe(1)
    expect(voting().voters).toEqual(first.facts.firstSet)
    expect(voters.every(({ peer }) => world.ledger.isMember(peer))).toBe(true)
    expect(world.ledger.nextSet()).toBeNull()
    const proof = verifyFact(world.ledger.root(), world.ledger.proveFact(factKey.voters(1)))
    expect(proof.ok && proof.value).toBeInstanceOf(Uint8Array)
  })

  it('lets each of them record, and no charter voter of the past', async () => {
    const moot = await votingWorld()
    const { world, voters, register } = moot
    const link = await world.invitation(world.founder, testSigner(100))
    await world.submit(world.founder, 'invitation.create', { invitation: link.bytes })
    const admission = async (seed: number) => ({
      redemption: await world.redeem(link, testSigner(seed)),
      nickname: 'n',
      role: 'member' as const,
    })
    expect(outcomeOf(await world.submit(voters[3]!, 'member.admit', await admission(50)))).toBe(
      'ok',
    )
    await moot.propose(world.founder, { kind: 'voter.remove', body: { peer: voters[3]!.peer } })
    await registerAll({ register }, [1, 2, 3], 2)
    await turn(moot, 2)
    expect(outcomeOf(await world.submit(voters[3]!, 'member.admit', await admission(51)))).toBe(
      'ledger/not-allowed',
    )
    expect(outcomeOf(await world.submit(voters[2]!, 'member.admit', await admission(51)))).toBe(
      'ok',
    )
  })

  it('cannot be founded by voters that form no set', async () => {
    const world = await createWorld({
      engine: 'bft',
      crossOrg: true,
      orgs: ['a', 'b', 'c', 'c'],
      voters: sortedPeers(1, 2, 3, 4),
      voteKeys: [1, 2, 3, 4].map((seed) => voteSigner(seed, 1).publicKey),
    })
    expect(outcomeOf(await world.found())).toBe('ledger/charter')
  })
})

describe('the change from one founder to voters', () => {
  async function soloWorld() {
    const world = await createWorld()
    await world.found()
    return { world, ...votingTools(world) }
  }
  const change = (...seeds: number[]) => ({
    kind: 'engine.change' as const,
    body: {
      engine: 'bft' as const,
      voters: seeds.map((seed) => ({ peer: testSigner(seed).peer, org: `org ${seed}` })),
    },
  })

  it('is decided once each voter named has registered a key for epoch 1', async () => {
    const moot = await soloWorld()
    await moot.admit(2)
    expect(outcomeOf(await moot.register(1, 1))).toBe('ok')
    expect(outcomeOf(await moot.register(2, 1))).toBe('ledger/voter-unknown')
    expect(outcomeOf((await moot.propose(moot.world.founder, change(1, 2))).verdict)).toBe('ok')
    expect(moot.world.ledger.nextSet()).toBeNull()
    expect(moot.voting().keysMissing).toEqual([testSigner(2).peer])
    expect(outcomeOf(await moot.register(2, 1))).toBe('ok')
    const next = nextOf(moot)
    expect(next).toMatchObject({ epoch: 1, engine: 'bft' })
    expect(peersOf(next)).toEqual(sortedPeers(1, 2))
    moot.world.enter(1)
    await moot.register(1, 2)
    expect(moot.voting()).toMatchObject({ epoch: 1, voters: next, nextVoters: null })
    expect(outcomeOf((await moot.propose(moot.world.founder, change(1))).verdict)).toBe(
      'ledger/epoch',
    )
  })

  it('can be decided anew while a key is missing, and needs members', async () => {
    const moot = await soloWorld()
    expect(outcomeOf((await moot.propose(moot.world.founder, change(1, 2))).verdict)).toBe(
      'ledger/not-member',
    )
    await moot.admit(2)
    await moot.propose(moot.world.founder, change(1, 2))
    await moot.register(1, 1)
    expect(nextOf(moot)).toBeNull()
    expect(outcomeOf((await moot.propose(moot.world.founder, change(1))).verdict)).toBe('ok')
    expect(peersOf(nextOf(moot))).toEqual(sortedPeers(1))
  })
})

describe('the next set', () => {
  it('waits for every key, and then for the epoch', async () => {
    const moot = await votingWorld()
    const { world, voting, register } = moot
    const rotate = { kind: 'voter.rotate', body: {} } as const
    await registerAll(moot, [1, 2, 3], 2)
    expect(voting().wantsKey(testSigner(4).peer)).toBe(2)
    expect(outcomeOf((await moot.propose(world.founder, rotate)).verdict)).toBe('ok')
    expect(nextOf(moot)).toBeNull()
    expect(voting().keysMissing).toEqual(sortedPeers(4))
    expect(outcomeOf(await register(4, 2))).toBe('ok')
    const next = nextOf(moot)!
    expect(next.epoch).toBe(2)
    expect(next.voters.map(({ voteKey }) => voteKey)).toEqual(
      next.voters.map(({ peer }) => {
        const seed = [1, 2, 3, 4].find((one) => testSigner(one).peer === peer)!
        return voteSigner(seed, 2).publicKey
      }),
    )
    const first = voting().voters!
    await turn(moot, 2)
    expect(voting()).toMatchObject({ epoch: 2, voters: next, nextVoters: null })
    expect(voting().seats.changed).toBe(false)
    const old = world.ledger.fact(factKey.voters(1))!
    expect(Buffer.from(old).includes(Buffer.from(voterSetHash(first)))).toBe(true)
    expect(world.ledger.fact(factKey.voteKey(2, testSigner(1).peer))).toBeUndefined()
  })

  it('is not learned from an operation that is refused, nor from an epoch that was not decided', async () => {
    const moot = await votingWorld()
    await moot.propose(moot.world.founder, { kind: 'voter.rotate', body: {} })
    await registerAll(moot, [1, 2, 3], 2)
    moot.world.enter(2)
    await registerAll(moot, [4], 2)
    expect(moot.voting().epoch).toBe(1)
    const root = moot.world.ledger.root()
    expect(outcomeOf(await moot.register(9, 3))).toBe('ledger/voter-unknown')
    expect(moot.world.ledger.root()).toEqual(root)
    await registerAll(moot, [1], 3)
    expect(moot.voting().epoch).toBe(2)
  })

  it('follows a member that lost its database, and never the lost key', async () => {
    const moot = await votingWorld()
    await registerAll(moot, [1, 2, 3, 4], 2)
    expect(nextOf(moot)).toBeNull()
    expect(outcomeOf(await moot.register(4, 2, 1))).toBe('ok')
    const next = nextOf(moot)!
    const own = next.voters.find(({ peer }) => peer === testSigner(4).peer)!
    expect(own.voteKey).toEqual(voteSigner(4, 2, 1).publicKey)
    expect(outcomeOf(await moot.register(4, 2, 0))).toBe('ok')
    expect(outcomeOf(await moot.register(4, 2, 2))).toBe('ok')
    expect(outcomeOf(await moot.register(4, 2, 3))).toBe('ledger/full')
  })

  it('is asked for by a voter that says that its key is lost', async () => {
    const moot = await votingWorld()
    await registerAll(moot, [1, 2, 3], 2)
    const lost = { ...(await moot.registration(4, 2)), lost: true }
    expect(outcomeOf(await moot.world.submit(testSigner(4), 'voter.key', lost))).toBe('ok')
    expect(peersOf(nextOf(moot))).toEqual(sortedPeers(1, 2, 3, 4))
  })
})

describe('a vote key', () => {
  it('is for an epoch to come, used once, and held by whoever registers it', async () => {
    const moot = await votingWorld()
    const { world, voters } = moot
    expect(outcomeOf(await moot.register(1, 1))).toBe('ledger/epoch')
    expect(outcomeOf(await moot.register(1, 4))).toBe('ledger/epoch')
    expect(outcomeOf(await moot.register(1, 3))).toBe('ok')
    const stolen = await moot.registration(2, 2)
    expect(outcomeOf(await world.submit(voters[0]!, 'voter.key', stolen))).toBe('ledger/signature')
    const elsewhere = { ...(await moot.registration(1, 2)), epoch: 3 }
    expect(outcomeOf(await world.submit(voters[0]!, 'voter.key', elsewhere))).toBe(
      'ledger/signature',
    )
    const present = await (await import('./index.ts')).sealVoteKey(voteSigner(1, 1), {
      fed: world.fed,
      epoch: 2,
      peer: voters[0]!.peer,
    })
    expect(outcomeOf(await world.submit(voters[0]!, 'voter.key', present))).toBe('ledger/vote-key')
  })
})

describe('the role of voter', () => {
  const offer = (seed: number, seat: boolean, org = `org ${seed}`) => ({
    kind: 'voter.offer' as const,
    body: { peer: testSigner(seed).peer, org, seat },
  })

  it('is offered by the operator and taken by the volunteer, with a key', async () => {
    const moot = await votingWorld(1)
    await moot.admit(5)
    expect(outcomeOf(await moot.accept(5, 2))).toBe('ledger/no-offer')
    expect(outcomeOf((await moot.propose(moot.world.founder, offer(5, true))).verdict)).toBe('ok')
    expect(nextOf(moot)).toBeNull()
    expect(outcomeOf(await moot.accept(5, 2))).toBe('ok')
    expect(nextOf(moot)).toBeNull()
    await registerAll(moot, [1], 2)
    expect(peersOf(nextOf(moot))).toEqual(sortedPeers(1, 5))
    expect(outcomeOf((await moot.propose(moot.world.founder, offer(5, true))).verdict)).toBe(
      'ledger/voter-exists',
    )
  })

  it('is given up, and the last voter keeps it', async () => {
    const moot = await votingWorld(2)
    const [first, second] = moot.voters as [never, never]
    expect(outcomeOf(await moot.world.submit(second, 'voter.resign', {}))).toBe('ok')
    expect(moot.voting().seats).toEqual({ peers: sortedPeers(1), changed: true })
    expect(outcomeOf(await moot.world.submit(second, 'voter.resign', {}))).toBe(
      'ledger/voter-unknown',
    )
    expect(outcomeOf(await moot.world.submit(first, 'voter.resign', {}))).toBe('ledger/last-voter')
  })

  it('passes to who has stood by longest where fewer than four would be left', async () => {
    const moot = await votingWorld()
    for (const seed of [7, 6, 5]) await moot.admit(seed)
    for (const seed of [7, 6, 5]) await moot.propose(moot.world.founder, offer(seed, false))
    // The first to accept has no key for the next epoch, so it cannot take a seat in it.
    expect(outcomeOf(await moot.accept(7, 3))).toBe('ok')
    for (const seed of [6, 5]) expect(outcomeOf(await moot.accept(seed, 2))).toBe('ok')
    await registerAll(moot, [1, 2, 3, 4], 2)
    const lied = await moot.evidence(4, 1)
    expect(outcomeOf(await moot.world.submit(moot.voters[0]!, 'evidence', lied))).toBe('ok')
    expect(peersOf(nextOf(moot))).toEqual(sortedPeers(1, 2, 3, 6))
    await turn(moot, 2)
    expect(moot.voting().roles.get(testSigner(6).peer)?.state).toBe('seated')
    expect(outcomeOf((await moot.propose(moot.world.founder, offer(4, true))).verdict)).toBe(
      'ledger/evicted',
    )
  })

  it('with nobody standing by leaves a federation that tolerates no failure', async () => {
    const moot = await votingWorld()
    await registerAll(moot, [1, 2, 3], 2)
    const leave = await moot.world.submit(testSigner(4), 'member.leave', {})
    expect(outcomeOf(leave)).toBe('ok')
    await turn(moot, 2)
    expect(peersOf(moot.voting().voters)).toEqual(sortedPeers(1, 2, 3))
    expect(faultWeight(moot.voting().voters!)).toBe(0)
  })

  it('across organisations goes to four of them, or to three voters', async () => {
    const moot = await votingWorld(5, {
      crossOrg: true,
      orgs: ['a', 'b', 'c', 'd', 'd'],
    })
    await moot.admit(6)
    await moot.propose(moot.world.founder, offer(6, true, 'a'))
    expect(outcomeOf(await moot.accept(6, 2))).toBe('ok')
    const remove = (seed: number) =>
      moot.propose(moot.world.founder, {
        kind: 'voter.remove',
        body: { peer: testSigner(seed).peer },
      })
    expect(outcomeOf((await remove(6)).verdict)).toBe('ok')
    expect(outcomeOf((await remove(1)).verdict)).toBe('ok')
    const { peers } = moot.voting().seats
    expect(peers.length).toBe(3)
    await registerAll(
      moot,
      [2, 3, 4, 5].filter((seed) => peers.includes(testSigner(seed).peer)),
      2,
    )
    expect(nextOf(moot)?.voters.length).toBe(3)
  })
})

describe('evidence', () => {
  it('evicts its culprit once, and is kept', async () => {
    const moot = await votingWorld()
    const { world, voters, voting } = moot
    const culprit = voters[3]!.peer
    const lied = await moot.evidence(4, 1)
    expect(outcomeOf(await world.submit(testSigner(60), 'evidence', lied))).toBe(
      'ledger/not-member',
    )
    expect(outcomeOf(await world.submit(voters[1]!, 'evidence', lied))).toBe('ok')
    expect(voting().evidence.get(culprit)).toMatchObject({ epoch: 1, view: 7, by: voters[1]!.peer })
    expect(voting().seats.peers).toEqual(sortedPeers(1, 2, 3))
    expect(outcomeOf(await world.submit(voters[1]!, 'evidence', lied))).toBe(
      'ledger/evidence-known',
    )
    const again = await moot.evidence(4, 1, 8)
    expect(outcomeOf(await world.submit(voters[1]!, 'evidence', again))).toBe(
      'ledger/evidence-known',
    )
    const absent = verifyFact(
      world.ledger.root(),
      world.ledger.proveFact(factKey.evidence(voters[1]!.peer)),
    )
    expect(absent).toMatchObject({ ok: true, value: undefined })
  })

  it('counts for epochs that are over, by the set that came along', async () => {
    const moot = await votingWorld()
    const lied = await moot.evidence(2, 1)
    await registerAll(moot, [1, 2, 3, 4], 2)
    await moot.propose(moot.world.founder, { kind: 'voter.rotate', body: {} })
    await turn(moot, 2)
    expect(outcomeOf(await moot.world.submit(moot.voters[0]!, 'evidence', lied))).toBe('ok')
    expect(moot.voting().seats.peers).toEqual(sortedPeers(1, 3, 4))
  })

  it('cannot accuse the honest', async () => {
    const moot = await votingWorld()
    const other = await votingWorld(4, { name: 'Other' })
    const { world, voters } = moot
    const lied = await moot.evidence(4, 1)
    const foreign = await other.evidence(4, 1)
    const spoilt = { ...lied, evidence: lied.evidence.with(-1, lied.evidence.at(-1)! ^ 1) }
    for (const bad of [foreign, spoilt, { ...lied, set: new Uint8Array(4) }]) {
      expect(outcomeOf(await world.submit(voters[0]!, 'evidence', bad))).toBe('ledger/evidence')
    }
    // A set of one's own making, with keys that sign anything, is not that of the epoch.
    const forger = await votingWorld(4, {
      name: 'Other',
      voteKeys: [11, 12, 13, 14].map((seed) => voteSigner(seed, 1).publicKey),
    })
    const made = { ...lied, set: (await forger.evidence(4, 1)).set }
    const applied = await world.ledger.apply(await world.seal(voters[0]!, 'evidence', made), {
      height: 90,
      time: 90,
      epoch: 1,
    })
    expect(outcomeOf(applied)).toBe('ledger/evidence')
    expect(moot.voting().evidence.size).toBe(0)
  })

  it('against the only voter leaves it in place', async () => {
    const moot = await votingWorld(1)
    const lied = await moot.evidence(1, 1)
    expect(outcomeOf(await moot.world.submit(moot.voters[0]!, 'evidence', lied))).toBe('ok')
    expect(moot.voting().seats).toEqual({ peers: sortedPeers(1), changed: false })
  })
})

it('a snapshot carries voters, keys and the next set', async () => {
  const moot = await votingWorld()
  await registerAll(moot, [1, 2, 3, 4], 2)
  await moot.propose(moot.world.founder, { kind: 'voter.rotate', body: {} })
  const { ledger, checker, charter } = moot.world
  const copy = createLedger({ charterBytes: charter.bytes, checker })
  await copy.restore(ledger.snapshot())
  expect(copy.root()).toEqual(ledger.root())
  expect(copy.nextSet()).toEqual(ledger.nextSet())
  expect(copy.state().voting.voters).toEqual(moot.voting().voters)
})
