/**
 * Whom evidence of a fork convicts by itself: voters whose signatures are under both certificates,
 * where both are of one view. Where the views differ the fork is as proven, but the double votes lie
 * in certificates that it does not carry.
 *
 * @module
 */

import type { FinalityProof } from '../finality.ts'
import { parseForkEvidence } from '../fork-evidence.ts'
import { type Certificate, parseCertificate, votesOf } from './certificate.ts'
import { conflictKind } from './conflict.ts'
import { encodeEvidence } from './evidence.ts'

/** One piece of evidence a voter, for `verifyEvidence`; empty where nobody is convicted. */
export function forkCulprits(fork: Uint8Array): Uint8Array[] {
  const [first, second] = (parseForkEvidence(fork) ?? []).map((proof) => certificateOf(proof))
  if (!first || !second) return []
  const others = new Map(votesOf(second).map((vote) => [vote.voter, vote]))
  const found: Uint8Array[] = []
  for (const vote of votesOf(first)) {
    const other = others.get(vote.voter)
    if (!other || !conflictKind(vote, other)) continue
    found.push(encodeEvidence({ kind: 'votes', votes: [vote, other] }))
  }
  return found
}

function certificateOf(proof: FinalityProof | object | undefined): Certificate | undefined {
  if (!proof || !('certificate' in proof)) return undefined
  const parsed = parseCertificate(proof.certificate as Uint8Array)
  return parsed.ok ? parsed.certificate : undefined
}
