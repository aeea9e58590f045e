/**
 * Instants in order, forgotten from the oldest on: counting the calls of a busy minute must not cost
 * more with every call of that minute.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

export interface RecentTimes {
  /** Usually the latest; an earlier one, after the clock was set back, is put in its place. */
  add(at: Millis): void
  /** How many are after `since`. */
  countSince(since: Millis): number
  /** Forgets those at `until` and before. */
  forgetUntil(until: Millis): void
}

/** Forgotten places are given back when there are so many, and more than half. */
const MIN_FREED = 1_024

export function createRecentTimes(): RecentTimes {
  let times: Millis[] = []
  let first = 0

  /** The place of the first one after `at`. */
  const placeAfter = (at: Millis): number => {
    let low = first
    let high = times.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (times[middle]! > at) high = middle
      else low = middle + 1
    }
    return low
  }

  return {
    add: (at) => {
      if (first === times.length || times.at(-1)! <= at) times.push(at)
      else times.splice(placeAfter(at), 0, at)
    },
    countSince: (since) => times.length - placeAfter(since),
    forgetUntil: (until) => {
      first = placeAfter(until)
      if (first >= MIN_FREED && first * 2 > times.length) {
        times = times.slice(first)
        first = 0
      }
    },
  }
}
