/**
 * What is only counted: presence, pings, votes, repeated refusals. One entry per minute holds all
 * counts of that minute.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { fitText, MAX_COUNTS } from './entry.ts'
import { minuteOf } from './refusal-filter.ts'

export interface MinuteCounts {
  readonly minute: Millis
  readonly counts: Readonly<Record<string, number>>
}

export interface MinuteCounters {
  add(name: string, at: Millis): void
  /** Hands out the minutes that were over at `at`, or all of them. */
  take(at: Millis | 'all'): MinuteCounts[]
}

/** Takes the place of names that would be too many. */
const OTHER = 'other'
/** Minutes that wait for room; older ones merge into the oldest. */
const MAX_MINUTES = 60

export function createMinuteCounters(): MinuteCounters {
  let minutes: { minute: Millis; counts: Map<string, number> }[] = []
  return {
    add: (name, at) => {
      const minute = minuteOf(at)
      let last = minutes.at(-1)
      if (last === undefined || (last.minute !== minute && minutes.length < MAX_MINUTES)) {
        last = { minute, counts: new Map() }
        minutes.push(last)
      }
      const fitted = fitText(name, 128)!
      const room = last.counts.has(fitted) || last.counts.size < MAX_COUNTS - 1
      const key = room ? fitted : OTHER
      last.counts.set(key, (last.counts.get(key) ?? 0) + 1)
    },
    take: (at) => {
      const now = at === 'all' ? Number.POSITIVE_INFINITY : minuteOf(at)
      const over = minutes.filter(({ minute }) => minute !== now)
      minutes = minutes.filter(({ minute }) => minute === now)
      return over.map(({ minute, counts }) => ({ minute, counts: Object.fromEntries(counts) }))
    },
  }
}
