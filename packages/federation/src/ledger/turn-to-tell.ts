/**
 * Which of those who decide tells a new entry on the topic first, so that not all of them do.
 *
 * @module
 */
import {
  type FinalEntry,
  leaderOf,
  parseHeader,
  type VoterSet,
  voterIndex,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'

/** 0 for the voter that led to this entry, then the others in their order after it. */
export function turnToTell(me: PeerId, set: VoterSet | null, { header }: FinalEntry): number {
  if (set === null) return 0
  const parsed = parseHeader(header)
  const view = parsed.ok ? parsed.header.bft?.view : undefined
  const first = view === undefined ? 0 : leaderOf(set, view)
  const mine = voterIndex(set, me) ?? 0
  return (mine - first + set.voters.length) % set.voters.length
}
