/**
 * Token buckets, one per key.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

export interface Buckets {
  /** Takes one token of `key`; false when there is none. */
  take(key: string, at: Millis): boolean
  /** Whether `key` has none left. */
  empty(key: string, at: Millis): boolean
}

/** Keys remembered at most; beyond it the one filled longest ago is forgotten. */
const maxKeys = 4_096

/** Each bucket holds `perMinute` tokens and is filled anew in a minute. */
export function createBuckets(perMinute: number): Buckets {
  const buckets = new Map<string, { tokens: number; at: Millis }>()
  const level = (key: string, at: Millis): number => {
    const bucket = buckets.get(key)
    if (bucket === undefined) return perMinute
    const refilled = (Math.max(0, at - bucket.at) / 60_000) * perMinute
    return Math.min(perMinute, bucket.tokens + refilled)
  }
  return {
    take: (key, at) => {
      const tokens = level(key, at)
      if (tokens < 1) return false
      buckets.delete(key)
      if (buckets.size >= maxKeys) buckets.delete(buckets.keys().next().value!)
      buckets.set(key, { tokens: tokens - 1, at })
      return true
    },
    empty: (key, at) => level(key, at) < 1,
  }
}
