/**
 * Federations whose voters decide, for tests: a founding by four organisations, their vote keys,
 * and evidence against them.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { encodeEvidence, encodeVoterSet, type Vote, voteBytes } from '@folkmoot/consensus'
import type { Charter, PeerId, Signer } from '@folkmoot/identity'
import { type Action, sealVoteKey } from '../src/index.ts'
import { testSigner } from './node-keys.ts'
import { createWorld } from './world.ts'

/** The key with which the peer of this seed votes in an epoch; another `turn`, another key. */
export function voteSigner(seed: number, epoch: number, turn = 0): Signer {
  return testSigner(10_000 + seed * 100 + epoch * 10 + turn)
}

/** Founded by `count` voters with the seeds 1, 2, …, each of its own organisation. */
export async function votingWorld(count = 4, charterInit: Partial<Charter> = {}) {
  const seeds = Array.from({ length: count }, (_, i) => i + 1)
  const voters = seeds.map(testSigner)
  const world = await createWorld({
    engine: 'bft',
    voters: voters.map(({ peer }) => peer),
    voteKeys: seeds.map((seed) => voteSigner(seed, 1).publicKey),
    orgs: seeds.map((seed) => `org ${seed}`),
    ...charterInit,
  })
  await world.found()
  return { ...votingTools(world), world, voters }
}

export function votingTools(world: Awaited<ReturnType<typeof createWorld>>) {
  const { fed } = world
  const voting = () => world.state().voting

  async function registration(seed: number, epoch: number, turn = 0) {
    const { peer } = testSigner(seed)
    return sealVoteKey(voteSigner(seed, epoch, turn), { fed, epoch, peer })
  }

  async function propose(by: Signer, action: Action, more: { expiresHeight?: number } = {}) {
    const expiresHeight = more.expiresHeight ?? world.height + 50
    const bytes = await world.seal(by, 'propose', { action, expiresHeight })
    return { id: world.idOf(bytes), verdict: await world.record(bytes) }
  }

  /** Two votes of one voter for different blocks in one view. */
  async function evidence(seed: number, epoch: number, view = 7) {
    const set = voting().voters!
    const { peer } = testSigner(seed)
    const voter = set.voters.findIndex((one) => one.peer === peer)
    const vote = async (fill: number): Promise<Vote> => {
      const hash = new Uint8Array(32).fill(fill)
      const bytes = voteBytes(fed, epoch, 'notarise', view, hash)
      const signature = await voteSigner(seed, epoch).sign('vote', bytes)
      return { epoch, kind: 'notarise', view, hash, voter, signature }
    }
    const votes = [await vote(1), await vote(2)] as const
    return {
      evidence: encodeEvidence({ kind: 'votes', votes }),
      set: encodeVoterSet(set),
    }
  }

  return {
    voting,
    registration,
    propose,
    evidence,
    ballot: (by: Signer, proposal: string, yes = true): Promise<Verdict> =>
      world.submit(by, 'ballot', { proposal, yes }),
    register: async (seed: number, epoch: number, turn = 0): Promise<Verdict> =>
      world.submit(testSigner(seed), 'voter.key', await registration(seed, epoch, turn)),
    accept: async (seed: number, epoch: number): Promise<Verdict> =>
      world.submit(testSigner(seed), 'voter.accept', await registration(seed, epoch)),
    /** Admits the peer of this seed by a link of its own. */
    admit: async (seed: number, cohort = ''): Promise<PeerId> => {
      const link = await world.invitation(world.founder, testSigner(5_000 + seed), { cohort })
      await world.submit(world.founder, 'invitation.create', { invitation: link.bytes })
      const admitted = await world.admit(link, testSigner(seed))
      if (!admitted.ok) throw new Error(admitted.fault.message)
      return testSigner(seed).peer
    },
  }
}
