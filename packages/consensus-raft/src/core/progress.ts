/**
 * What a leader knows of one other member.
 *
 * @module
 */
export interface Progress {
  /**
   * `probe`: one append at a time until the logs are known to meet. `replicate`: appends follow
   * each other without waiting. `snapshot`: the member first needs a state.
   */
  state: 'probe' | 'replicate' | 'snapshot'
  /** Highest index that the member is known to hold. */
  match: number
  /** Index of the next entry to send. */
  next: number
  /** Highest commit index that was sent and that the member can act on. */
  commitSent: number
  /** Last index of each append without an answer, oldest first. */
  inflight: number[]
  /** A probe waits for its answer. */
  paused: boolean
  /** Newest round that the member answered. */
  round: number
  /** Answered anything since the last check of the quorum. */
  heard: boolean
}

export function startProgress(next: number): Progress {
  return {
    state: 'probe',
    match: 0,
    next,
    commitSent: 0,
    inflight: [],
    paused: false,
    round: 0,
    heard: false,
  }
}
