/**
 * Lets the members follow the ledger: as the leader, brings in whoever is to vote next, ends the
 * epoch once they are in step, and lets go of whoever votes no more; one change at a time.
 *
 * @module
 */
import { sha256 } from '@folkmoot/codec'
import { parseVoterSet } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { RaftChange, RaftView } from '../core/effects.ts'
import type { Membership } from '../entry.ts'
import { peersOf } from './open-group.ts'

/** The next voters, as the state has decided them. */
export interface NextVoters {
  readonly peers: readonly PeerId[]
  /** SHA-256 of the encoded set, as the last header of this epoch will name it. */
  readonly hash: Uint8Array
}

export type MemberStep =
  | { readonly type: 'change'; readonly change: RaftChange }
  /** Everybody is in step: the epoch may end. */
  | { readonly type: 'turn'; readonly hash: Uint8Array }

export interface Standing {
  readonly me: PeerId
  readonly members: Membership
  /** The voters of the epoch that runs. */
  readonly current: readonly PeerId[]
  readonly next: NextVoters | undefined
  /** Whether a learner holds about what a majority does. */
  isLevel(peer: PeerId): boolean
}

/** The next set where it is that of the epoch after this one. */
export function readNext(bytes: Uint8Array | null, epoch: number): NextVoters | undefined {
  const parsed = bytes ? parseVoterSet(bytes) : undefined
  if (!parsed?.ok || parsed.set.epoch !== epoch + 1) return undefined
  return { peers: peersOf(parsed.set), hash: sha256(bytes!) }
}

/**
 * Members whom the ledger names no more. Until they are gone nothing is proposed: whoever lost its
 * votes may only come back once the group has let go of it, or its forgotten vote counts twice.
 */
export function formerMembers({ members, current, next }: Standing): PeerId[] {
  const wanted = new Set([...current, ...(next?.peers ?? [])])
  return [...members.voters, ...members.learners].filter((peer) => !wanted.has(peer))
}

/** What the leader does next; undefined where it waits, or all is as it should be. */
export function nextStep(standing: Standing): MemberStep | undefined {
  const { me, members, current, next } = standing
  const former = formerMembers(standing)
  // The leader itself goes last: the others elect another one (thesis, 4.2.2).
  const gone = former.find((peer) => peer !== me) ?? former[0]
  if (gone !== undefined) return { type: 'change', change: { kind: 'remove', peer: gone } }
  for (const peer of new Set([...current, ...(next?.peers ?? [])])) {
    if (members.voters.includes(peer)) continue
    if (!members.learners.includes(peer)) return add(peer, 'learner')
    // It catches up before its vote is needed for anything (thesis, 4.2.1).
    return standing.isLevel(peer) ? add(peer, 'voter') : undefined
  }
  return next && { type: 'turn', hash: next.hash }
}

function add(peer: PeerId, as: 'learner' | 'voter'): MemberStep {
  return { type: 'change', change: { kind: 'add', peer, as } }
}

/** Entries that a learner may lack of what is committed: under load it is never quite there. */
const LEVEL = 16

/** Whether members may be changed at all now, and whether a learner is level. */
export function mayChange({ role, settled, membersIndex, commit }: RaftView): boolean {
  return role === 'leader' && settled && membersIndex <= commit
}

export function isLevel({ matchOf, commit }: RaftView, peer: PeerId): boolean {
  const match = matchOf(peer) ?? 0
  // Whoever never answered may not be there at all.
  return match > 0 && match + LEVEL > commit
}
