/**
 * How much gossip one author may have judged here: a bucket of records and one of bytes for each
 * author and capability. Whoever forwards it is not to blame for what is beyond.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

export interface AuthorLimits {
  /** Takes one record of `bytes`; false where its author has none left. */
  take(author: string, capability: string, bytes: number, now: Millis): boolean
}

export interface AuthorLimitsConfig {
  readonly recordsPerSecond: number
  readonly recordsAtOnce: number
  readonly bytesPerSecond: number
  readonly bytesAtOnce: number
  /** Buckets kept; the one not used for longest goes first. */
  readonly maxBuckets: number
}

export const authorLimitDefaults: AuthorLimitsConfig = {
  recordsPerSecond: 20,
  recordsAtOnce: 100,
  bytesPerSecond: 256 * 1024,
  bytesAtOnce: 2 * 1024 * 1024,
  maxBuckets: 8_192,
}

interface Bucket {
  records: number
  bytes: number
  at: Millis
}

export function createAuthorLimits(config: AuthorLimitsConfig = authorLimitDefaults): AuthorLimits {
  const { recordsPerSecond, recordsAtOnce, bytesPerSecond, bytesAtOnce, maxBuckets } = config
  /** In order of use. */
  const buckets = new Map<string, Bucket>()
  return {
    take: (author, capability, bytes, now) => {
      const key = `${author} ${capability}`
      const bucket = buckets.get(key) ?? { records: recordsAtOnce, bytes: bytesAtOnce, at: now }
      const seconds = Math.max(0, now - bucket.at) / 1_000
      bucket.records = Math.min(recordsAtOnce, bucket.records + seconds * recordsPerSecond)
      bucket.bytes = Math.min(bytesAtOnce, bucket.bytes + seconds * bytesPerSecond)
      // A clock that was set back must not keep a bucket from filling.
      bucket.at = now
      buckets.delete(key)
      buckets.set(key, bucket)
      if (buckets.size > maxBuckets) buckets.delete(buckets.keys().next().value!)
      if (bucket.records < 1 || bucket.bytes < bytes) return false
      bucket.records -= 1
      bucket.bytes -= bytes
      return true
    },
  }
}
