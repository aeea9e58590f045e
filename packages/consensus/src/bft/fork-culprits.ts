/**
 * Whom evidence of a fork convicts by itself: voters whose signatures are under both certificates,
 * where both are of one view; else those under the earlier one and under what the other history
 * crossed that view by. Where evidence lacks that the fork is as proven, and nobody is named.
 *
 * @module
 */

import { parseForkEvidence } from '../fork-evidence.ts'
import { type Certificate, votesOf } from './certificate.ts'
import { conflictKind } from './conflict.ts'
import { encodeEvidence } from './evidence.ts'
import { decidedBy, isCrossing } from './fork-crossing.ts'

/** One piece of evidence a voter, for `verifyEvidence`; empty where nobody is convicted. */
export function forkCulprits(fork: Uint8Array): Uint8Array[] {
  const parsed = parseForkEvidence(fork)
  const decided = parsed && decidedBy(parsed.first, parsed.second)
  if (!parsed || !decided) return []
  const [earlier, later] = decided
  if (earlier.view === later.view) return inBoth(earlier, later)
  const { crossing } = parsed
  return crossing && isCrossing(decided, crossing) ? inBoth(earlier, crossing) : []
}

function inBoth(first: Certificate, second: Certificate): Uint8Array[] {
  const others = new Map(votesOf(second).map((vote) => [vote.voter, vote]))
  const found: Uint8Array[] = []
  for (const vote of votesOf(first)) {
    const other = others.get(vote.voter)
    if (!other || !conflictKind(vote, other)) continue
    found.push(encodeEvidence({ kind: 'votes', votes: [vote, other] }))
  }
  return found
}
