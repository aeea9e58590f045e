/**
 * What policy counts: calls running, and calls started in the last minute. In memory only; after a
 * restart the counts start again.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { createRecentTimes, type RecentTimes } from './recent-times.ts'

/** What a decision reads. */
export interface Counters {
  /** Calls of `capability` that are running, over all peers. */
  running(capability: string): number
  /** Those of them that `peer` started. */
  runningOf(capability: string, peer: PeerId): number
  /** Calls of `capability` that `peer` started after `since`. */
  startedSince(capability: string, peer: PeerId, since: Millis): number
}

export interface CallCounters extends Counters {
  /** Counts a call that was let in; the returned function, called once, ends it. */
  start(call: { capability: string; peer: PeerId; budget?: Budget; now: Millis }): () => void
  /** What callers granted so far, summed by unit: budgets are recorded, and not yet enforced. */
  granted(): Readonly<Record<string, number>>
}

/** Amounts by unit: `ms`, `tokens`, `bytes`, … */
export type Budget = Readonly<Record<string, number>>

export const RATE_WINDOW_MS: Millis = 60_000

/** Counters that start at zero. */
export function createCounters(): CallCounters {
  const running = new Map<string, number>()
  /** Running calls by capability and peer; no entry where there are none. */
  const runningByPeer = new Map<string, number>()
  /** Start times in the last minute by capability and peer. */
  const starts = new Map<string, RecentTimes>()
  const grants = new Map<string, number>()
  let sweptAt = 0

  /** Forgets peers that have been quiet, so that passers-by do not add up. */
  const sweep = (now: Millis): void => {
    if (now - sweptAt < RATE_WINDOW_MS) return
    sweptAt = now
    for (const [key, times] of starts) {
      if (times.countSince(now - RATE_WINDOW_MS) === 0) starts.delete(key)
    }
  }

  return {
    running: (capability) => running.get(capability) ?? 0,
    runningOf: (capability, peer) => runningByPeer.get(keyOf(capability, peer)) ?? 0,
    startedSince: (capability, peer, since) =>
      starts.get(keyOf(capability, peer))?.countSince(since) ?? 0,
    start: ({ capability, peer, budget, now }) => {
      sweep(now)
      const key = keyOf(capability, peer)
      const times = starts.get(key) ?? createRecentTimes()
      starts.set(key, times)
      times.add(now)
      times.forgetUntil(now - RATE_WINDOW_MS)
      running.set(capability, (running.get(capability) ?? 0) + 1)
      runningByPeer.set(key, (runningByPeer.get(key) ?? 0) + 1)
      for (const [unit, amount] of Object.entries(budget ?? {})) {
        grants.set(unit, (grants.get(unit) ?? 0) + amount)
      }
      let ended = false
      return () => {
        if (ended) return
        ended = true
        running.set(capability, running.get(capability)! - 1)
        const left = runningByPeer.get(key)! - 1
        if (left === 0) runningByPeer.delete(key)
        else runningByPeer.set(key, left)
      }
    },
    granted: () => Object.fromEntries(grants),
  }
}

function keyOf(capability: string, peer: PeerId): string {
  return `${peer} ${capability}`
}
