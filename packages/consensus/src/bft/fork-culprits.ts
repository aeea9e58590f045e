/**
 * Whom evidence of a fork convicts by itself: voters whose signatures are under both certificates,
 * where both are of one view; else those under the earlier one and under what the other history
 * crossed that view by. Where evidence lacks that the fork is as proven, and nobody is named.
 *
 * @module
 */

import { encodeForkEvidence, parseForkEvidence } from '../fork-evidence.ts'
import { type Certificate, parseCertificate, votesOf } from './certificate.ts'
import { conflictKind } from './conflict.ts'
import { encodeEvidence } from './evidence.ts'
import { type Crossed, decidedBy, isCrossing } from './fork-crossing.ts'

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

/** The view at which the histories part, where evidence does not name anybody without it. */
export function wantedCrossing(bytes: Uint8Array): Crossed | undefined {
  const fork = parseForkEvidence(bytes)
  const [earlier, later] = (fork && !fork.crossing && decidedBy(fork.first, fork.second)) || []
  if (!earlier || earlier.view === later?.view) return undefined
  return { epoch: earlier.epoch, view: earlier.view }
}

/** The same evidence with a certificate that convicts; undefined where it would not. */
export function withCrossing(bytes: Uint8Array, crossing: Uint8Array): Uint8Array | undefined {
  const fork = parseForkEvidence(bytes)
  const decided = fork && decidedBy(fork.first, fork.second)
  const parsed = parseCertificate(crossing)
  if (!decided || !parsed.ok || !isCrossing(decided, parsed.certificate)) return undefined
  return encodeForkEvidence(fork.first, fork.second, fork.other, crossing)
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
