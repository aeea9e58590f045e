/**
 * Who decides in one epoch, with which keys and how much weight, and who leads when.
 *
 * A set is fixed for its epoch: whether a certificate is valid depends on this and on nothing that
 * the ledger says later. How weights are chosen is `make-voter-set.ts`.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { encode, exactBytes, intSchema, parse, sha256, textSchema } from '@folkmoot/codec'
import { checkPublicKey, type PeerId, peerIdOf, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from '../codes.ts'
import { MAX_ORG_LENGTH, MAX_VOTER_SET_BYTES, MAX_VOTER_WEIGHT, MAX_VOTERS } from '../limits.ts'

export interface Voter {
  readonly peer: PeerId
  /** 32 bytes; signs the votes of this epoch. Inside a Raft set it may be the peer's own key. */
  readonly voteKey: Uint8Array
  /** Whom the voter answers to; voters of one organisation share one cap. */
  readonly org: string
  readonly weight: number
}

export interface VoterSet {
  /** At least 1; epoch 0 is the founder's alone. */
  readonly epoch: number
  /** Whose proofs count in this epoch: a majority that trusts itself, or a quorum that need not. */
  readonly engine: 'bft' | 'raft'
  /** Ascending by peer id; a voter's index is its place here. */
  readonly voters: readonly Voter[]
  /** Indices of those who lead, one view after the other. */
  readonly leaders: readonly number[]
}

const epochSchema = intSchema(1, Number.MAX_SAFE_INTEGER)
const voterSetSchema = v.strictTuple([
  v.literal(1),
  epochSchema,
  v.picklist(['bft', 'raft']),
  v.pipe(
    v.array(
      v.strictTuple([
        peerIdSchema,
        exactBytes(32),
        textSchema(MAX_ORG_LENGTH),
        intSchema(1, MAX_VOTER_WEIGHT),
      ]),
    ),
    v.minLength(1),
    v.maxLength(MAX_VOTERS),
  ),
  v.pipe(v.array(intSchema(0, MAX_VOTERS - 1)), v.minLength(1), v.maxLength(MAX_VOTERS)),
])

/** `[1, epoch, engine, [[peer, voteKey, org, weight], …], leaders]`. */
export function encodeVoterSet(set: VoterSet): Uint8Array {
  const voters = set.voters.map(({ peer, voteKey, org, weight }) => [peer, voteKey, org, weight])
  return encode([1, set.epoch, set.engine, voters, [...set.leaders]])
}

/** Reads a set and checks its form. Keys and the cap of organisations are {@link checkVoterSet}'s. */
export function parseVoterSet(bytes: Uint8Array): Verdict<{ set: VoterSet }> {
  const parsed = parse(voterSetSchema, bytes, {
    maxBytes: MAX_VOTER_SET_BYTES,
    maxDepth: 4,
    integralFloats: false,
  })
  if (!parsed.ok) return refused(parsed.fault.message)
  const [, epoch, engine, tuples, leaders] = parsed.value
  const voters = tuples.map(([peer, voteKey, org, weight]) => ({ peer, voteKey, org, weight }))
  const set = { epoch, engine, voters, leaders }
  const formed = checkForm(set)
  return formed.ok ? { ok: true, set } : formed
}

/** What a header's `nextSetHash` commits to. */
export function voterSetHash(set: VoterSet): Uint8Array {
  return sha256(encodeVoterSet(set))
}

/** *W*. */
export function totalWeight(set: Pick<VoterSet, 'voters'>): number {
  return set.voters.reduce((sum, { weight }) => sum + weight, 0)
}

/** *q*: two quorums share more than *f* weight, so at least one honest voter. */
export function quorumWeight(set: Pick<VoterSet, 'voters'>): number {
  return Math.floor((2 * totalWeight(set)) / 3) + 1
}

/** *f*: how much weight may lie or be gone. */
export function faultWeight(set: Pick<VoterSet, 'voters'>): number {
  return totalWeight(set) - quorumWeight(set)
}

/** Weight of more than half, which is what a Raft receipt needs. */
export function majorityWeight(set: Pick<VoterSet, 'voters'>): number {
  return Math.floor(totalWeight(set) / 2) + 1
}

/** How much weight must agree, by the set's engine; what is above it may be gone. */
export function requiredWeight(set: Pick<VoterSet, 'engine' | 'voters'>): number {
  return set.engine === 'raft' ? majorityWeight(set) : quorumWeight(set)
}

/** Index of who may propose in a view; views begin at 1. */
export function leaderOf(set: VoterSet, view: number): number {
  return set.leaders[(view - 1) % set.leaders.length]!
}

/** Index of a peer's seat; undefined for an observer. */
export function voterIndex(set: VoterSet, peer: PeerId): number | undefined {
  const index = set.voters.findIndex((voter) => voter.peer === peer)
  return index === -1 ? undefined : index
}

const signersBySet = new WeakMap<VoterSet, readonly PeerId[]>()

/** The vote keys as peer ids, by index, which is how signatures are checked. */
export function voteSigners(set: VoterSet): readonly PeerId[] {
  const known = signersBySet.get(set)
  if (known) return known
  const signers = set.voters.map(({ voteKey }) => peerIdOf(voteKey))
  signersBySet.set(set, signers)
  return signers
}

/**
 * Whether a set may decide: what {@link checkSeats} asks, and every key by the one profile (2 ms a
 * voter). For admission; who reads a certified set later need not, as an unfit key verifies nothing.
 */
export function checkVoterSet(
  set: VoterSet,
  { crossOrg }: { readonly crossOrg: boolean },
): Verdict {
  const seated = checkSeats(set, { crossOrg })
  if (!seated.ok) return seated
  for (const { voteKey } of set.voters) {
    const fit = checkPublicKey(voteKey)
    if (!fit.ok) return fit
  }
  return { ok: true }
}

/** The form of a set, leaders of more than *f* weight and, across organisations, none with a third. */
export function checkSeats(set: VoterSet, { crossOrg }: { readonly crossOrg: boolean }): Verdict {
  const formed = checkForm(set)
  if (!formed.ok) return formed
  if (crossOrg && set.engine === 'raft') return refused('across organisations members may lie')
  if (crossOrg && !isCapped(set)) return refused('one organisation has a third of the weight')
  return { ok: true }
}

/** Whether each organisation has less than a third. Below four voters no set tolerates a liar, and none is asked to. */
function isCapped(set: VoterSet): boolean {
  if (set.voters.length < 4) return true
  const weights = new Map<string, number>()
  for (const { org, weight } of set.voters) weights.set(org, (weights.get(org) ?? 0) + weight)
  const total = totalWeight(set)
  return [...weights.values()].every((weight) => 3 * weight < total)
}

function checkForm({ voters, leaders, engine }: VoterSet): Verdict {
  for (let i = 1; i < voters.length; i++) {
    if (voters[i - 1]!.peer >= voters[i]!.peer) return refused('voters ascend by peer id')
  }
  if (new Set(voters.map(({ voteKey }) => peerIdOf(voteKey))).size !== voters.length) {
    return refused('two voters share a key')
  }
  if (new Set(leaders).size !== leaders.length || leaders.some((index) => !voters[index])) {
    return refused('leaders are voters, each named once')
  }
  if (engine === 'raft') return { ok: true }
  const lead = leaders.reduce((sum, index) => sum + voters[index]!.weight, 0)
  // Else those who lead could all be gone while a quorum is there.
  if (
    lead <= faultWeight({ voters }) ||
    (voters.length <= ALL_LEAD && leaders.length < voters.length)
  ) {
    return refused('too few voters lead')
  }
  return { ok: true }
}

/** Up to this many voters, all of them lead. */
export const ALL_LEAD = 7

function refused(why: string) {
  return refuse('consensus/voter-set' satisfies ConsensusCode, `voters: ${why}`)
}
