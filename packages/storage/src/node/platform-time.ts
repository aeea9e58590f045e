/**
 * Time from Node.
 *
 * @module
 */
import type { Clock, Timers } from '@folkmoot/base'

export const nodeClock: Clock = { now: () => Date.now() }

export const nodeTimers: Timers = {
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs, callback) => {
    const timer = setInterval(callback, periodMs)
    return () => clearInterval(timer)
  },
}
