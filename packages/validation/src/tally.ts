/**
 * Counts the distinct voices behind each output of one unit and says whether one of them decides.
 *
 * @module
 */
import type { Vote } from './vote.ts'

/** The votes for one output. */
export interface Group {
  readonly output: string
  /** One or more votes, by any number of peers of the same voice. */
  readonly votes: readonly Vote[]
  /** Distinct voices among them. */
  readonly voices: number
}

/** Groups of one unit, largest first, then by output. */
export function groupVotes(
  votes: readonly Vote[],
  voiceOf: (vote: Vote) => string,
): readonly Group[] {
  const byOutput = new Map<string, { votes: Vote[]; voices: Set<string> }>()
  for (const vote of votes) {
    const group = byOutput.get(vote.output) ?? { votes: [], voices: new Set<string>() }
    byOutput.set(vote.output, group)
    group.votes.push(vote)
    group.voices.add(voiceOf(vote))
  }
  return [...byOutput]
    .map(([output, group]) => ({ output, votes: group.votes, voices: group.voices.size }))
    .sort((a, b) => b.voices - a.voices || (a.output < b.output ? -1 : 1))
}

/** The group that has at least `quorum` voices and more than every other, if there is one. */
export function winner(groups: readonly Group[], quorum: number): Group | undefined {
  const [first, second] = groups
  if (first === undefined || first.voices < quorum) return undefined
  return second !== undefined && second.voices === first.voices ? undefined : first
}
