/**
 * Which envelopes were taken, by the relay's time. A member learns that time only when it joins:
 * then what it remembers is moved to it, or a fast clock would refuse everyone as "before memory".
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { createReplayWindow, type ReplayWindow, replayDefaults } from '@folkmoot/calls'

export interface ReplayMemory {
  take: ReplayWindow['take']
  /** The offset from this machine's clock to the relay's is now `offsetMs`. */
  moveTo(offsetMs: Millis): void
}

/** @param startedAt this machine's clock when its memory began */
export function createReplayMemory(startedAt: Millis): ReplayMemory {
  let start = startedAt
  let window = createReplayWindow(replayDefaults, start)
  return {
    take: (claim) => window.take(claim),
    moveTo: (offsetMs) => {
      const before = start
      start = startedAt + offsetMs
      if (start === before) return
      const moved = (instant: Millis) => (instant === before ? start : instant)
      const kept = window.snapshot()
      window = createReplayWindow(replayDefaults, start, {
        start: moved(kept.start),
        peers: kept.peers.map((peer) => ({ ...peer, start: moved(peer.start) })),
      })
    },
  }
}
