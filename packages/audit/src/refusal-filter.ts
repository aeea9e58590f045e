/**
 * Which refusals are logged in full: the first per peer, code and minute. The rest are counted, so
 * that whoever is refused cannot fill a disk by asking again.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

export const MINUTE_MS: Millis = 60_000
/** Different (peer, code) pairs logged in one minute; a flood of identities is counted too. */
const MAX_PAIRS = 256

/** The instant at which the minute of `at` began. */
export function minuteOf(at: Millis): Millis {
  return at - (at % MINUTE_MS)
}

/** Answers whether a refusal is logged in full (true) or counted. */
export function createRefusalFilter(): (peer: string, code: string, at: Millis) => boolean {
  let minute = Number.NEGATIVE_INFINITY
  const seen = new Set<string>()
  return (peer, code, at) => {
    if (minuteOf(at) !== minute) {
      minute = minuteOf(at)
      seen.clear()
    }
    const pair = `${peer} ${code}`
    if (seen.has(pair) || seen.size >= MAX_PAIRS) return false
    seen.add(pair)
    return true
  }
}
