/**
 * Turns the voices on one unit into its state.
 *
 * @module
 */
import type { Against, UnitState } from './acceptance.ts'
import { groupVotes, winner } from './tally.ts'
import type { Voice, Vote } from './vote.ts'

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** A unit on which nobody has spoken. */
export const waitingUnit: UnitState = {
  state: 'waiting',
  supporters: [],
  voices: 0,
  results: [],
  against: [],
}

function against(votes: readonly Vote[], why: Against['why']): Against[] {
  return votes.map(({ peer, output, id }) => ({ peer, output, id, why }))
}

/**
 * @param voices admitted peers only
 * @param voiceOf what counts as one voice
 * @param ignored true for a vote that is rolled back
 */
export function settleUnit(
  voices: Iterable<Voice>,
  quorum: number,
  voiceOf: (vote: Vote) => string,
  ignored: (vote: Vote) => boolean = () => false,
): UnitState {
  const counted: Vote[] = []
  const objections: Against[] = []
  for (const { vote, conflict } of voices) {
    if (conflict !== undefined) objections.push(...against([vote, conflict], 'equivocation'))
    else if (ignored(vote)) objections.push(...against([vote], 'rolled-back'))
    else counted.push(vote)
  }
  const groups = groupVotes(counted, voiceOf)
  const won = winner(groups, quorum)
  const leading = won ?? (groups.length === 1 ? groups[0] : undefined)
  for (const group of groups) {
    if (group !== leading) {
      objections.push(...against(group.votes, leading === undefined ? 'disputed' : 'outvoted'))
    }
  }
  if (objections.length > 1) objections.sort((a, b) => byText(a.peer, b.peer) || byText(a.id, b.id))
  if (leading === undefined) {
    if (objections.length === 0) return waitingUnit
    const state = groups.length === 0 ? 'waiting' : 'disputed'
    return { ...waitingUnit, state, voices: groups[0]?.voices ?? 0, against: objections }
  }
  const agreeing = leading.votes.toSorted((a, b) => byText(a.peer, b.peer))
  return {
    state: won === undefined ? 'provisional' : 'accepted',
    output: leading.output,
    supporters: agreeing.map((vote) => vote.peer),
    voices: leading.voices,
    results: agreeing.map((vote) => vote.id),
    against: objections,
    ...(won === undefined ? {} : { by: 'quorum' as const }),
  }
}
