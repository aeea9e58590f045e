/**
 * Seats: who should vote from the next epoch on, and the set that follows once each of them has
 * registered a key for it.
 *
 * @module
 */

import { equalBytes, sha256 } from '@folkmoot/codec'
import { encodeVoterSet, makeVoterSet, type VoterSet } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { MAX_VOTERS } from '../limits.ts'
import type { RoleFact } from '../voting-facts.ts'
import { type Applied, type Context, done, isActive, refused } from './context.ts'
import { currentEpoch } from './epochs.ts'

/** From this many on one voter may lie or be gone. */
const TOLERANT = 4

export function voteKeyId(epoch: number, peer: PeerId): string {
  return `${epoch}/${peer}`
}

/** Wants these peers to vote from the next epoch on. */
export function setSeats(context: Context, peers: readonly PeerId[]): void {
  const { facts, at } = context
  const { engine } = facts.seats.get('') ?? {}
  const seated = limitOrgs(context, [...peers].sort())
  const seats = { peers: seated, changed: true, height: at.height }
  facts.seats.set('', engine ? { ...seats, engine } : seats)
  const chosen = new Set(seated)
  for (const [peer, role] of [...facts.role.entries] as [PeerId, RoleFact][]) {
    const state = chosen.has(peer) ? 'seated' : role.state === 'seated' ? 'standby' : role.state
    if (state !== role.state) facts.role.set(peer, { ...role, state, height: at.height })
  }
  decideNext(context)
}
/** Seats one more. */
export function seat(context: Context, peer: PeerId): Applied {
  const peers = context.facts.seats.get('')?.peers ?? []
  if (peers.length >= MAX_VOTERS) return refused('ledger/full', 'no more voters fit')
  if (breaksOrgs(context, [...peers, peer])) {
    return refused('ledger/orgs', 'with this voter the organisations would be fewer than four')
  }
  setSeats(context, [...peers, peer])
  return done
}

/**
 * Frees a seat in the next set. Where fewer than four voters would be left, who has stood by
 * longest takes it. The last voter stays: without it nothing could be decided, not even this.
 */
export function freeSeat(context: Context, peer: PeerId): Applied {
  const { facts } = context
  const before = facts.seats.get('')?.peers ?? []
  if (!before.includes(peer)) return done
  const left = before.filter((other) => other !== peer)
  const replacement = left.length < TOLERANT ? findReplacement(context, left, peer) : undefined
  if (replacement) left.push(replacement)
  if (left.length === 0) return refused('ledger/last-voter', 'somebody has to decide')
  setSeats(context, left)
  return done
}

function findReplacement(
  context: Context,
  left: readonly PeerId[],
  gone: PeerId,
): PeerId | undefined {
  const { facts } = context
  const epoch = currentEpoch(facts) + 1
  const ready = ([peer, role]: [PeerId, RoleFact]) =>
    role.state === 'standby' &&
    peer !== gone &&
    isActive(context, peer) &&
    !facts.evidence.get(peer) &&
    facts.voteKey.get(voteKeyId(epoch, peer)) !== undefined &&
    !breaksOrgs(context, [...left, peer])
  const candidates = ([...facts.role.entries] as [PeerId, RoleFact][]).filter(ready)
  candidates.sort(([a, x], [b, y]) => x.height - y.height || (a < b ? -1 : 1))
  return candidates[0]?.[0]
}

/** Whether these could form no set: four and more voters across organisations are of four organisations. */
export function breaksOrgs(context: Context, peers: readonly PeerId[]): boolean {
  if (!context.charter.crossOrg || peers.length < TOLERANT) return false
  const orgs = new Set(peers.map((peer) => context.facts.role.get(peer)?.org ?? ''))
  return orgs.size < TOLERANT
}

/** Lets go of those whose organisation has other seats until the rest can form a set. */
function limitOrgs(context: Context, sorted: readonly PeerId[]): PeerId[] {
  let peers = [...sorted]
  while (breaksOrgs(context, peers)) {
    const count = new Map<string, number>()
    const org = (peer: PeerId) => context.facts.role.get(peer)?.org ?? ''
    for (const peer of peers) count.set(org(peer), (count.get(org(peer)) ?? 0) + 1)
    const most = Math.max(...count.values())
    const extra = peers.findLast((peer) => count.get(org(peer)) === most)
    peers = peers.filter((peer) => peer !== extra)
  }
  return peers
}

/** Decides the next set, or takes it back, after seats or keys have changed. */
export function decideNext(context: Context): void {
  const { facts, at } = context
  const seats = facts.seats.get('')
  const before = facts.next.get('')
  const set = seats?.changed ? formSet(context, seats.peers) : undefined
  if (!set) {
    if (before) facts.next.delete('')
    return
  }
  const bytes = encodeVoterSet(set)
  const hash = sha256(bytes)
  if (before && equalBytes(before.hash, hash)) return
  facts.next.set('', { set: bytes, hash, height: at.height })
}

/** The set that these make; undefined while a key is missing. */
function formSet({ facts, charter }: Context, peers: readonly PeerId[]): VoterSet | undefined {
  const epoch = currentEpoch(facts) + 1
  const voters = []
  for (const peer of peers) {
    const registered = facts.voteKey.get(voteKeyId(epoch, peer))
    if (!registered) return undefined
    voters.push({ peer, voteKey: registered.key, org: facts.role.get(peer)?.org ?? '' })
  }
  const engine = facts.epoch.get('')?.engine ?? facts.seats.get('')?.engine ?? 'bft'
  const made = makeVoterSet({ epoch, engine, voters, crossOrg: charter.crossOrg })
  return made.ok ? made.set : undefined
}
