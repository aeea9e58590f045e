/**
 * Time from the browser. In a hidden tab these timers fall to one a second.
 *
 * @module
 */
import type { Clock, Timers } from '@folkmoot/base'

export const webClock: Clock = { now: () => Date.now() }

export const webTimers: Timers = {
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs, callback) => {
    const timer = setInterval(callback, periodMs)
    return () => clearInterval(timer)
  },
}
