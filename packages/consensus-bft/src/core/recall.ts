/**
 * Never vote with amnesia: before its first vote in an epoch, and after each start, a voter asks the
 * others for its own newest vote. Where theirs is above its log, the log is not the whole one: it
 * stops, or only follows where its key is gone as well.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import {
  encodeEvidence,
  findConflict,
  type Vote,
  voteBytes,
  voteItem,
  voteKeyName,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { ConsensusBftCode } from '../codes.ts'
import { repeatProposal } from './lead.ts'
import { MAX_RECALLED, type Message } from './messages.ts'
import type { CoreState } from './state.ts'

export function askRecall(core: CoreState, to: readonly PeerId[]): void {
  if (core.recalled || core.me === undefined) return
  core.send(to, { type: 'recall', epoch: core.set.epoch })
}

/** Different words kept of one voter: each kind, and a second h for the two that name one. */
const MAX_LAST_WORDS = 5

/**
 * Keeps the newest words that a voter sent us itself, also those that came too late to count: it may
 * ask for them one day, and beside other words of the same view they may prove a lie. Not verified
 * until one of the two is the case.
 */
export function remember(core: CoreState, from: PeerId, vote: Vote): void {
  if (vote.epoch !== core.set.epoch || core.set.voters[vote.voter]?.peer !== from) return
  const known = core.lastWords.get(vote.voter) ?? []
  const view = known[0]?.view ?? 0
  if (vote.view < view) return
  const others = vote.view > view ? [] : known
  const isKnown = others.some((o) => o.kind === vote.kind && equalBytes(o.hash, vote.hash))
  if (isKnown || others.length >= MAX_LAST_WORDS) return
  core.lastWords.set(vote.voter, [...others, vote])
  proveLie(core, vote, others)
}

/**
 * Words that were not counted, because nobody needed them, still tell when they contradict others.
 * One proof of a voter is enough: views are not bounded here, and it could make new ones for ever.
 */
function proveLie(core: CoreState, vote: Vote, others: readonly Vote[]): void {
  const against = others.find((other) => findConflict([other, vote]).length > 0)
  if (!against || core.liars.has(vote.voter)) return
  const { set } = core
  const items = [against, vote].flatMap((each) => voteItem(core.config.instance, set, each) ?? [])
  const token = core.expect('verified', ({ ok }) => {
    if (core.set !== set || !ok.every(Boolean) || core.liars.has(vote.voter)) return
    core.liars.add(vote.voter)
    for (const votes of findConflict([against, vote])) {
      core.emit({ type: 'evidence', bytes: encodeEvidence({ kind: 'votes', votes }) })
    }
  })
  core.emit({ type: 'verify', items, token })
}

/** The newest votes of the asker that we know, also of views that are final here and may not be there. */
export function onRecall(core: CoreState, from: PeerId, epoch: number): void {
  const voter = core.set.voters.findIndex(({ peer }) => peer === from)
  if (epoch !== core.set.epoch || voter === -1) return
  const counted = core.votes.wordsOf(voter)
  const last = core.lastWords.get(voter) ?? []
  const known = [...counted, ...last.filter((vote) => !core.votes.knows(vote))]
  const votes = known.sort((a, b) => b.view - a.view).slice(0, MAX_RECALLED)
  core.send([from], { type: 'recalled', epoch, votes })
}

export function onRecalled(
  core: CoreState,
  from: PeerId,
  { epoch, votes }: Extract<Message, { type: 'recalled' }>,
): void {
  const { me } = core
  // An answer that comes late, when a quorum knew of nothing, still tells.
  if (epoch !== core.set.epoch || me === undefined) return
  if (!core.set.voters.some(({ peer }) => peer === from)) return
  const unknown = votes.filter((vote) => vote.voter === me && !isOurs(core, vote))
  const items = unknown.flatMap((vote) => voteItem(core.config.instance, core.set, vote) ?? [])
  if (items.length === 0) {
    confirm(core, from)
    return
  }
  const token = core.expect('verified', ({ ok }) => {
    if (core.set.epoch !== epoch) return
    const said = unknown.find((_, at) => ok[at])
    if (said) stopOrFollow(core, said)
    else confirm(core, from)
  })
  core.emit({ type: 'verify', items, token })
}

/**
 * Nothing more is said in this epoch. Whoever can still sign what it said is an older copy of itself,
 * or not alone with its key: somebody has to look. Without the key there is nothing to fear: it
 * observes until the voters change.
 */
function stopOrFollow(core: CoreState, said: Vote): void {
  if (core.me === undefined) return
  core.loseSeat()
  const { epoch, kind, view, hash } = said
  const token = core.expect('signed', ({ signature }) => {
    if (signature.length === 0 || core.set.epoch !== epoch) return
    const code = 'consensus-bft/amnesia' satisfies ConsensusBftCode
    core.halt({ code, message: 'others hold votes of ours that our own log lacks' })
  })
  const bytes = voteBytes(core.config.instance, epoch, kind, view, hash)
  core.emit({ type: 'sign', key: voteKeyName(epoch), purpose: 'vote', bytes, token })
}

/** Whether the log has this vote, or is past it. */
function isOurs(core: CoreState, vote: Vote): boolean {
  if (vote.view <= core.finalView) return true
  const own = core.views.get(vote.view)?.own[vote.kind]
  return own !== undefined && equalBytes(own.hash, vote.hash)
}

function confirm(core: CoreState, from: PeerId): void {
  core.confirmedBy.add(from)
  checkRecall(core)
}

/** Enough have answered, ourselves counted: who voted beside us in a quorum is among them. */
export function checkRecall(core: CoreState): void {
  if (core.recalled || core.me === undefined) return
  const weight = core.set.voters.reduce((sum, { peer, weight }) => {
    return core.confirmedBy.has(peer) || peer === core.config.me ? sum + weight : sum
  }, 0)
  if (weight < core.quorum && core.rules.asksBeforeVotes) return
  core.recalled = true
  core.clock.view = 0
  repeatProposal(core)
}
