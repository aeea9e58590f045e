/**
 * Casting a vote: decided once, signed, written down, and only then sent and counted.
 *
 * @module
 */
import {
  type Certificate,
  encodeCertificate,
  encodeVote,
  NO_BLOCK,
  type Vote,
  type VoteStatement,
  voteBytes,
  voteKeyName,
} from '@folkmoot/consensus'
import type { Block } from './block.ts'
import { countVote } from './count.ts'
import type { Effect } from './effects.ts'
import { encodeMessage } from './messages.ts'
import { blockKey, notarisedKey, VOTE_KINDS, voteKey } from './records.ts'
import type { CoreState } from './state.ts'

/** A vote that was decided; signed and durable once `vote` is there. */
export interface OwnVote {
  readonly hash: Uint8Array
  vote: Vote | undefined
}

export interface OwnVotes {
  notarise?: OwnVote
  nullify?: OwnVote
  finalise?: OwnVote
}

/** Votes for a block: keeps it beside the vote, so that it can be had while the vote counts. */
export function voteNotarise(core: CoreState, block: Block): void {
  const keep = block.isKept
    ? []
    : [{ type: 'put' as const, key: blockKey(block), value: block.bytes }]
  block.isKept = true
  castVote(
    core,
    { epoch: core.set.epoch, kind: 'notarise', view: block.view, hash: block.id },
    keep,
  )
}

export function voteNullify(core: CoreState, view: number): void {
  castVote(core, { epoch: core.set.epoch, kind: 'nullify', view, hash: NO_BLOCK }, [])
}

/**
 * Keeps the certificate beside the vote. Whoever said F never says S, so that others get past this
 * view by that certificate alone; and one made with a liar's vote is not made again without it.
 */
export function voteFinalise(core: CoreState, notarised: Certificate): void {
  const { epoch, view, hash } = notarised
  const value = encodeCertificate(notarised)
  const keep = { type: 'put' as const, key: notarisedKey(view), value }
  castVote(core, { epoch, kind: 'finalise', view, hash }, [keep])
}

function castVote(
  core: CoreState,
  statement: VoteStatement,
  records: readonly { type: 'put'; key: string; value: Uint8Array }[],
): void {
  signVote(core, statement, (vote) => {
    const message = encodeMessage({ type: 'vote', vote })
    const send: Effect[] =
      core.others.length > 0 ? [{ type: 'send', to: core.others, message }] : []
    core.persist([...records, voteRecord(vote)], send, () => countOwnVote(core, vote))
  })
}

/** Has a vote signed; it is ours from now on, whatever happens to the answer. */
export function signVote(
  core: CoreState,
  statement: VoteStatement,
  then: (vote: Vote) => void,
): void {
  const { epoch, kind, view, hash } = statement
  const own: OwnVote = { hash, vote: undefined }
  core.view(view).own[kind] = own
  const token = core.expect('signed', ({ signature }) => {
    // A vote that came too late is no vote: nothing at or below the last final view is sent.
    if (core.set.epoch !== epoch || view <= core.finalView || !core.isVoting) return
    if (signature.length === 0) {
      core.loseSeat()
      return
    }
    const vote: Vote = { ...statement, voter: core.me!, signature }
    then(vote)
  })
  core.emit({
    type: 'sign',
    key: voteKeyName(epoch),
    purpose: 'vote',
    bytes: voteBytes(core.config.instance, epoch, kind, view, hash),
    token,
  })
}

/** Counts a vote of ours that is durable. */
export function countOwnVote(core: CoreState, vote: Vote): void {
  if (vote.epoch !== core.set.epoch || vote.view <= core.tip.view) return
  const own = core.view(vote.view).own[vote.kind]
  if (own) own.vote = vote
  countVote(core, vote)
}

export function voteRecord(vote: Vote) {
  return { type: 'put' as const, key: voteKey(vote), value: encodeVote(vote) }
}

/** What this voter said above a view, newest first. */
export function ownVotesAbove(core: CoreState, view: number): Vote[] {
  return core
    .openViews()
    .filter((state) => state.view > view)
    .reverse()
    .flatMap(({ own }) => VOTE_KINDS.flatMap((kind) => own[kind]?.vote ?? []))
}
