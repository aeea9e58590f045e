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

function groupOf(votes: readonly Vote[], voiceOf: (vote: Vote) => string): Group {
  const voices = votes.length === 1 ? 1 : new Set(votes.map(voiceOf)).size
  return { output: votes[0]!.output, votes, voices }
}

/** Groups of one unit, largest first, then by output. */
export function groupVotes(
  votes: readonly Vote[],
  voiceOf: (vote: Vote) => string,
): readonly Group[] {
  // Nearly every unit has one output and a few votes, and a large study has 100,000 units.
  if (votes.every((vote) => vote.output === votes[0]!.output)) {
    return votes.length === 0 ? [] : [groupOf(votes, voiceOf)]
  }
  const byOutput = Map.groupBy(votes, (vote) => vote.output)
  return [...byOutput.values()]
    .map((group) => groupOf(group, voiceOf))
    .sort((a, b) => b.voices - a.voices || (a.output < b.output ? -1 : 1))
}

/** The group that has at least `quorum` voices and more than every other, if there is one. */
export function winner(groups: readonly Group[], quorum: number): Group | undefined {
  const [first, second] = groups
  if (first === undefined || first.voices < quorum) return undefined
  return second !== undefined && second.voices === first.voices ? undefined : first
}
