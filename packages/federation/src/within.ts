/**
 * Waits for something that may never come, such as a decision of voters who are too few.
 *
 * @module
 */
import type { Millis, Timers } from '@folkmoot/base'

/** What `work` resolves with, or undefined after `limitMs`; the work itself goes on. */
export async function within<T>(
  timers: Timers,
  limitMs: Millis,
  work: Promise<T>,
): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const cancel = timers.after(limitMs, () => resolve(undefined))
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}
