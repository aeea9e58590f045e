/**
 * A token bucket per key. Pure but for its own map, which forgets full buckets.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

export interface RateLimit {
  /** Takes one token of `key`; false when there is none. */
  take(key: string, at: Millis): boolean
}

/** Keys remembered at most; beyond it all are forgotten, which only ever allows more. */
const MAX_KEYS = 4_096

export function createRateLimit(perSecond: number, burst: number): RateLimit {
  const buckets = new Map<string, { tokens: number; at: Millis }>()
  return {
    take(key, at) {
      if (buckets.size >= MAX_KEYS && !buckets.has(key)) buckets.clear()
      const bucket = buckets.get(key) ?? { tokens: burst, at }
      const tokens = Math.min(
        burst,
        bucket.tokens + (Math.max(0, at - bucket.at) * perSecond) / 1_000,
      )
      const granted = tokens >= 1
      buckets.set(key, { tokens: granted ? tokens - 1 : tokens, at: Math.max(at, bucket.at) })
      return granted
    },
  }
}
