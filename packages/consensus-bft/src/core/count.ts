/**
 * Verified votes and certificates become facts here: votes add up to certificates, lies to evidence.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import {
  bitmapOf,
  type Certificate,
  type Conflict,
  encodeEvidence,
  findConflict,
  type Vote,
} from '@folkmoot/consensus'
import type { CoreState } from './state.ts'

/** How far above the current view votes are taken; beyond it anybody could fill our memory. */
const VOTES_AHEAD = 2

/** Whether a view is one of those in which anybody may be heard. */
export function isNear(core: CoreState, view: number): boolean {
  return view <= core.currentView + VOTES_AHEAD
}

/** Whether a vote is worth verifying: one for a certificate we hold is not, unless it proves a lie. */
export function isWelcome(core: CoreState, vote: Vote): boolean {
  if (vote.epoch !== core.set.epoch || !core.set.voters[vote.voter]) return false
  if (vote.view <= core.finalView || !isNear(core, vote.view)) return false
  if (core.votes.knows(vote) || core.votes.isFull(vote)) return false
  const held = core.certificate(vote.view, vote.kind)
  if (!held || !equalBytes(held.hash, vote.hash)) return true
  return findConflict([...core.votes.votesBy(vote.voter, vote.view), vote]).length > 0
}

export function countVote(core: CoreState, vote: Vote): void {
  report(core, core.votes.add(vote).conflicts)
  if (core.certificate(vote.view, vote.kind)) return
  if (core.votes.weightOf(vote.kind, vote.view, vote.hash) < core.quorum) return
  holdCertificate(core, assemble(core, vote))
}

/** Takes in a certificate that was made here or verified. */
export function holdCertificate(core: CoreState, certificate: Certificate): void {
  const { kind, view, epoch } = certificate
  if (epoch !== core.set.epoch) return
  report(core, core.votes.addCertificate(certificate))
  const { certificates } = core.view(view)
  if (certificates[kind]) return
  certificates[kind] = certificate
  if (kind === 'finalise') core.finalView = Math.max(core.finalView, view)
}

/** The certificate of all who said the same. */
function assemble(core: CoreState, { epoch, kind, view, hash }: Vote): Certificate {
  const votes = core.set.voters.flatMap((_, voter) =>
    core.votes
      .votesBy(voter, view)
      .filter((vote) => vote.kind === kind && equalBytes(vote.hash, hash)),
  )
  const bitmap = bitmapOf(
    votes.map(({ voter }) => voter),
    core.set.voters.length,
  )
  return { epoch, kind, view, hash, bitmap, signatures: votes.map((vote) => vote.signature) }
}

function report(core: CoreState, conflicts: readonly Conflict[]): void {
  for (const votes of conflicts) {
    core.emit({ type: 'evidence', bytes: encodeEvidence({ kind: 'votes', votes }) })
  }
}
