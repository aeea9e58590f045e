/**
 * Votes as they arrive one by one. No more of them are verified at a time than a certificate needs:
 * the rest wait, and are looked at only if one of the first turns out false.
 *
 * @module
 */
import { equalBytes, toHex } from '@folkmoot/codec'
import { type Vote, voteItem } from '@folkmoot/consensus'
import { countVote, isWelcome } from './count.ts'
import type { CoreState } from './state.ts'

/** Votes of the same words that are being verified, or wait for that. */
export interface Checking {
  weight: number
  /** Voter and signature: a forged vote must not keep the true one out. */
  readonly known: Set<string>
  readonly parked: Vote[]
}

export function receiveVote(core: CoreState, vote: Vote): void {
  if (!isWelcome(core, vote)) return
  const checking = checkingOf(core, vote)
  const name = `${vote.voter}/${toHex(vote.signature)}`
  if (checking.known.has(name)) return
  checking.known.add(name)
  consider(core, vote, checking)
}

function consider(core: CoreState, vote: Vote, checking: Checking): void {
  const item = isWelcome(core, vote) ? voteItem(core.config.instance, core.set, vote) : undefined
  if (!item) return
  if (isEnough(core, vote, checking.weight)) checking.parked.push(vote)
  else verify(core, vote, item, checking)
}

function verify(
  core: CoreState,
  vote: Vote,
  item: NonNullable<ReturnType<typeof voteItem>>,
  checking: Checking,
): void {
  const { weight } = core.set.voters[vote.voter]!
  const { set } = core
  checking.weight += weight
  const token = core.expect('verified', ({ ok }) => {
    if (core.set !== set) return
    checking.weight -= weight
    if (ok[0]) {
      if (isWelcome(core, vote)) countVote(core, vote)
      return
    }
    for (const other of checking.parked.splice(0)) consider(core, other, checking)
  })
  core.emit({ type: 'verify', items: [item], token })
}

/** Whether what is counted, what is under way and our own vote will make the certificate. */
function isEnough(core: CoreState, { kind, view, hash }: Vote, underWay: number): boolean {
  const own = core.views.get(view)?.own[kind]
  const isOurs = own !== undefined && own.vote === undefined && equalBytes(own.hash, hash)
  const ours = isOurs && core.me !== undefined ? core.set.voters[core.me]!.weight : 0
  return core.votes.weightOf(kind, view, hash) + underWay + ours >= core.quorum
}

function checkingOf(core: CoreState, { kind, view, hash }: Vote): Checking {
  const key = `${view}/${kind}/${toHex(hash)}`
  const known = core.checkingVotes.get(key)
  if (known) return known
  const fresh: Checking = { weight: 0, known: new Set(), parked: [] }
  core.checkingVotes.set(key, fresh)
  return fresh
}
