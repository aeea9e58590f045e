/**
 * Where a member's Raft log begins: at the founding of its group, which the chain of epochs names,
 * and never with votes that were forgotten.
 *
 * @module
 */
import { type ConsensusDatabase, FederationError } from '@folkmoot/base'
import { decode, encode, equalBytes } from '@folkmoot/codec'
import {
  type Chain,
  type Height,
  parseVoterSet,
  type VoterSet,
  voteKeyName,
} from '@folkmoot/consensus'
import type { PeerId, Signer } from '@folkmoot/identity'
import type { RaftCode } from '../codes.ts'
import type { Membership } from '../entry.ts'
import { putBase, RAFT_PREFIX, type RaftDisk, readDisk } from '../storage.ts'

export interface Group {
  /** The same for every member, whenever it came. */
  readonly founders: Membership
  readonly disk: RaftDisk | undefined
}

export interface OpenGroupInit {
  readonly chain: Chain
  readonly database: ConsensusDatabase
  readonly signer: Signer
  /** What the state says of the next voters. */
  readonly nextSet: Uint8Array | null
}

/** @throws FederationError `consensus-raft/corrupt-state`, `consensus-raft/amnesia` */
export async function openGroup(init: OpenGroupInit): Promise<Group> {
  const { chain, database } = init
  const { founders, height } = foundingOf(chain)
  const read = async () => readDisk(await database.list({ prefix: RAFT_PREFIX }))
  const stored = await read()
  if (stored) return { founders, disk: stored }
  if (await hasForgotten(init)) throw amnesia()
  await beginAt(database, hasDecided(chain) ? nobodyYet : founders, height)
  return { founders, disk: await read() }
}

/**
 * Whom somebody knows who joins a group that has decided: nobody, until the leader tells it. It has
 * no vote that an old member could still ask for, one that missed that it was let go of, or a
 * founder that has forgotten everything as well.
 */
export const nobodyYet: Membership = { voters: [], learners: [] }

/** Whether somebody was a member of a group, as its database says. */
export async function wasMember(database: ConsensusDatabase): Promise<boolean> {
  return (await database.list({ prefix: RAFT_PREFIX, limit: 1 })).length > 0
}

/** Begins the Raft log above a height of the ledger. */
export function beginAt(
  database: ConsensusDatabase,
  founders: Membership,
  height: Height,
): Promise<void> {
  const base = { index: 0, term: 0, members: founders, info: infoOf(height) }
  return database.write([putBase(base)])
}

/** What an engine keeps about a base: the height of the ledger there. */
export function infoOf(height: Height): Uint8Array {
  return encode([height])
}

export function heightOf(info: Uint8Array): Height {
  const decoded = info.length > 0 ? decode(info, { maxBytes: 64 }) : undefined
  const [height] = decoded?.ok && Array.isArray(decoded.value) ? decoded.value : []
  return Number.isSafeInteger(height) && height >= 0 ? height : 0
}

/** The voters of the first epoch since which the group decides, and the height before it. */
function foundingOf({ epochs }: Chain): { founders: Membership; height: Height } {
  let epoch = epochs.current
  while (epochs.setOf(epoch - 1)?.engine === 'raft') epoch -= 1
  const voters = peersOf(epochs.setOf(epoch))
  return { founders: { voters, learners: [] }, height: epochs.endOf(epoch - 1) ?? 0 }
}

export function peersOf(set: VoterSet | undefined): PeerId[] {
  return set?.voters.map(({ peer }) => peer) ?? []
}

/**
 * Without a Raft log, whoever votes already has lost one; and so has who votes or is to vote with a
 * key that is not here any more, since the key lies beside it.
 */
async function hasForgotten(init: OpenGroupInit): Promise<boolean> {
  const { epochs } = init.chain
  const now = epochs.setOf(epochs.current)
  if (seatOf(now, init.signer)) {
    // Before the group has decided anything nobody has anything to forget.
    if (hasDecided(init.chain) || !(await holdsKey(init, now!))) return true
  }
  const parsed = init.nextSet ? parseVoterSet(init.nextSet) : undefined
  if (!parsed?.ok || parsed.set.epoch !== epochs.current + 1) return false
  return seatOf(parsed.set, init.signer) !== undefined && !(await holdsKey(init, parsed.set))
}

/** Whether the group has made an entry final, as far as this chain goes. */
function hasDecided({ epochs, tip }: Chain): boolean {
  return epochs.setOf(epochs.current - 1)?.engine === 'raft' || tip.proof?.kind === 'raft'
}

function seatOf(set: VoterSet | undefined, { peer }: Signer) {
  return set?.voters.find((voter) => voter.peer === peer)
}

async function holdsKey({ database, signer }: OpenGroupInit, set: VoterSet): Promise<boolean> {
  const { voteKey } = seatOf(set, signer)!
  if (equalBytes(voteKey, signer.publicKey)) return true
  const key = await database.key(voteKeyName(set.epoch))
  return key !== undefined && equalBytes(key.publicKey, voteKey)
}

function amnesia(): FederationError<RaftCode> {
  return new FederationError(
    'consensus-raft/amnesia',
    'this member has entries of the group and has forgotten its votes',
    { hint: 'remove its seat, and offer it one again once the others go on without it' },
  )
}
