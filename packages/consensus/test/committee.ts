/**
 * Voters with known keys, who sign whatever a test asks of them.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import {
  type Certificate,
  makeCertificate,
  makeVoterSet,
  type Vote,
  type VoteKind,
  type VoterSet,
  voteBytes,
} from '../src/index.ts'
import { testSigner } from './node-keys.ts'

export const instance = 'ab'.repeat(32)

export interface CommitteePlan {
  /** Default 4. */
  readonly size?: number
  /** Default 1. */
  readonly epoch?: number
  /** Seed of the first member's keys; committees of other seeds share no key. Default 100. */
  readonly seed?: number
  /** Default `bft`. */
  readonly engine?: 'bft' | 'raft'
}

export interface Committee {
  readonly set: VoterSet
  /** By index in the set. */
  readonly signers: readonly ReturnType<typeof testSigner>[]
  vote(kind: VoteKind, view: number, hash: Uint8Array, voter: number): Promise<Vote>
  /** By all voters, or by some. */
  certify(
    kind: VoteKind,
    view: number,
    hash: Uint8Array,
    voters?: readonly number[],
  ): Promise<Certificate>
}

export function committee(plan: CommitteePlan = {}): Committee {
  const { size = 4, epoch = 1, seed = 100, engine = 'bft' } = plan
  const keys = Array.from({ length: size }, (_, i) => ({
    peer: testSigner(seed + i).peer,
    signer: testSigner(seed + 1_000 * epoch + i),
  }))
  const made = makeVoterSet({
    epoch,
    engine,
    crossOrg: false,
    voters: keys.map(({ peer, signer }) => ({ peer, voteKey: signer.publicKey, org: peer })),
  })
  if (!made.ok) throw new Error(made.fault.message)
  const { set } = made
  const byPeer = new Map<PeerId, (typeof keys)[number]>(keys.map((key) => [key.peer, key]))
  const signers = set.voters.map(({ peer }) => byPeer.get(peer)!.signer)

  async function vote(kind: VoteKind, view: number, hash: Uint8Array, voter: number) {
    const bytes = voteBytes(instance, epoch, kind, view, hash)
    const signature = await signers[voter]!.sign('vote', bytes)
    return { epoch, kind, view, hash, voter, signature }
  }

  return {
    set,
    signers,
    vote,
    certify: async (kind, view, hash, voters = set.voters.map((_, index) => index)) => {
      const votes = await Promise.all(voters.map((voter) => vote(kind, view, hash, voter)))
      const certificate = makeCertificate(set, votes)
      if (!certificate) throw new Error('these voters are no quorum')
      return certificate
    },
  }
}
