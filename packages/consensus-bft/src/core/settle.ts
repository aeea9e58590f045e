/**
 * What follows from what is known. Runs after every input until nothing changes: what is final is
 * delivered, the current view moves, blocks are linked and executed, votes are cast, a leader leads.
 *
 * @module
 */
import { leaderOf } from '@folkmoot/consensus'
import { passBarriers } from './barrier.ts'
import { type Block, parentOf } from './block.ts'
import { fetchBlocks } from './fetch.ts'
import { deliverFinal } from './finality.ts'
import { lead } from './lead.ts'
import { advanceBlocks } from './proposals.ts'
import { type Candidate, mayFinalise, mayNotarise, mayNullify } from './rules.ts'
import type { CoreState, ViewState } from './state.ts'
import { tendTimers } from './view-clock.ts'
import { voteFinalise, voteNotarise, voteNullify } from './vote.ts'

export function settle(core: CoreState): void {
  do {
    moveView(core)
    // Every one of them runs: what one changes, the next may build on.
  } while ([deliverFinal, advanceBlocks, castVotes, lead].map((each) => each(core)).some(Boolean))
  if (core.rules.fetchesAtOnce) fetchBlocks(core, false)
  passBarriers(core)
  tendTimers(core)
}

/** `cur`: the smallest view above the last final one without a certificate N or S. */
function moveView(core: CoreState): void {
  let view = core.finalView + 1
  while (core.isNullified(view) || core.isNotarisedAt(view)) view += 1
  core.currentView = view
}

function castVotes(core: CoreState): boolean {
  if (!core.isVoting) return false
  let voted = false
  for (const block of core.blocks.values()) {
    if (notarise(core, block)) voted = true
  }
  for (const state of core.openViews()) {
    if (finalise(core, state)) voted = true
  }
  return nullify(core) || voted
}

function notarise(core: CoreState, block: Block): boolean {
  const { own } = core.view(block.view)
  if (block.isVotedFor || !mayNotarise(core.rules, core, own, candidateOf(block))) return false
  if (!isTimely(core, block)) return false
  block.isVotedFor = true
  voteNotarise(core, block)
  return true
}

function candidateOf({ view, id, proposal, validity }: Block): Candidate {
  const { parsed } = proposal
  return {
    view,
    parentView: parsed.bft.parentView,
    id,
    parentHash: parsed.parentHash,
    valid: validity === 'valid',
  }
}

/**
 * A leader whose clock runs ahead does not drag the federation's time along. Not part of validity:
 * a voter whose own clock is behind the chain lets it pass, and so does everyone after two failed views.
 */
function isTimely(core: CoreState, block: Block): boolean {
  const latest = core.now + core.timing.driftMs
  if (block.proposal.parsed.time <= latest || core.currentView - core.finalView > 2) return true
  const parent = parentOf(core, block)
  return parent !== undefined && parent.time > latest
}

function finalise(core: CoreState, { own, certificates }: ViewState): boolean {
  const notarised = certificates.notarise
  if (!notarised || !mayFinalise(core.rules, core, own, notarised)) return false
  // Our own N(v) has to be on disk: a vote that rests on it must not outlive it.
  if (!own.notarise?.vote && core.rules.persistsFirst && own.notarise) return false
  voteFinalise(core, notarised)
  return true
}

/** S on expiry, on an invalid block, on the leader's own S, and for a leader that is known to be silent. */
function nullify(core: CoreState): boolean {
  const state = core.view(core.currentView)
  const { view, own, expired, rejected } = state
  const leader = leaderOf(core.set, view)
  const leaderSkipped = core.votes.votesBy(leader, view).some((vote) => vote.kind === 'nullify')
  const isSilent = core.clock.isAwake && core.silent.has(core.set.voters[leader]!.peer)
  if (!expired && !rejected && !leaderSkipped && !isSilent) return false
  if (!mayNullify(core.rules, core, own, view, core.currentView)) return false
  voteNullify(core, view)
  return true
}
