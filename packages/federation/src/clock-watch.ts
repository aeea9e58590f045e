/**
 * Notices that this machine's clock was set while the peer runs, by comparing it with timers, which
 * go on at their own pace.
 *
 * @module
 */
import type { Clock, Millis, Timers } from '@folkmoot/base'

export interface ClockWatchInit {
  readonly clock: Clock
  readonly timers: Timers
  /** Told by how much the clock went back against the timers. */
  readonly setBack: (byMs: Millis) => void
  /** The clock was set forward, or the machine slept, or a timer came very late: who can tell. */
  readonly ranAhead: () => void
  /** Called now and then although nothing was noticed: clocks drift. */
  readonly remeasure: () => void
}

/** Looks this often; envelopes allow a skew of two minutes, so a few seconds are early enough. */
export const lookMs: Millis = 5_000
/** A browser makes up for a late tick with an early one; beyond this the clock itself went back. */
export const slackMs: Millis = lookMs + 1_000
/** Timers of a very busy machine come seconds late; envelopes allow four times as much as this. */
export const aheadMs: Millis = 30_000
/** A clock that is off by 500 parts in a million gains 0.3 s in this time. */
export const remeasureMs: Millis = 600_000

/** Watches until the returned function is called. */
export function watchClock(init: ClockWatchInit): () => void {
  let last = init.clock.now()
  let measured = last
  return init.timers.every(lookMs, () => {
    const now = init.clock.now()
    const gained = now - last - lookMs
    last = now
    if (gained < -slackMs) init.setBack(-gained)
    if (gained > aheadMs) init.ranAhead()
    if (Math.abs(now - measured) < remeasureMs) return
    measured = now
    init.remeasure()
  })
}
