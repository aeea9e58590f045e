/**
 * Votes, and their canonical form: one per worker and unit, whatever order and however often they came.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'

/** What one signed result says. */
export interface Vote {
  /** Id of the signed result. */
  readonly id: string
  readonly unit: number
  readonly peer: PeerId
  /** Content id of the output. */
  readonly output: string
  /** The worker's own count of its results in this study. */
  readonly seq: number
}

/** One worker's voice on one unit; `conflict` holds its other output, and then neither counts. */
export interface Voice {
  readonly vote: Vote
  readonly conflict?: Vote
}

/** A total order on votes, so that every choice between two is the same everywhere. */
export function compareVotes(a: Vote, b: Vote): number {
  if (a.output !== b.output) return a.output < b.output ? -1 : 1
  if (a.seq !== b.seq) return a.seq - b.seq
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function join(voice: Voice | undefined, vote: Vote): Voice {
  if (voice === undefined) return { vote }
  if (vote.output === voice.vote.output) {
    return compareVotes(vote, voice.vote) < 0 ? { ...voice, vote } : voice
  }
  if (compareVotes(vote, voice.vote) < 0) return { vote, conflict: voice.vote }
  if (voice.conflict === undefined || compareVotes(vote, voice.conflict) < 0) {
    return { vote: voice.vote, conflict: vote }
  }
  return voice
}

/**
 * The voices of each unit. A set operation: any permutation, repetition, or split and merge of
 * `votes` gives the same. Votes of strangers and for units outside `0 … unitCount − 1` are left out.
 */
export function collectVoices(
  unitCount: number,
  votes: Iterable<Vote>,
  isAdmitted: (peer: PeerId) => boolean,
): Map<PeerId, Voice>[] {
  const units: Map<PeerId, Voice>[] = Array.from({ length: unitCount })
  for (const vote of votes) {
    if (!Number.isInteger(vote.unit) || vote.unit < 0 || vote.unit >= unitCount) continue
    if (!isAdmitted(vote.peer)) continue
    const voices = units[vote.unit] ?? new Map<PeerId, Voice>()
    units[vote.unit] = voices
    voices.set(vote.peer, join(voices.get(vote.peer), vote))
  }
  return units
}
