/**
 * Waits for the entries that the state has executed already: a voter's state is ahead of what is
 * final by what is being decided, and a proof is made of final entries alone.
 *
 * @module
 */
import type { Millis, Timers } from '@folkmoot/base'
import type { Height } from '@folkmoot/consensus'
import type { SharedLedger } from './shared-ledger.ts'

/** Resolves once the entry at `height` is final, or after `limitMs`: nothing may be decided any more. */
export function untilFinal(
  ledger: Pick<SharedLedger, 'status' | 'onFinal'>,
  height: Height,
  timers: Timers,
  limitMs: Millis,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = () => {
    if (ledger.status().height >= height) resolve()
  }
  const unhear = ledger.onFinal(look)
  const cancel = timers.after(limitMs, resolve)
  look()
  return promise.finally(() => {
    unhear()
    cancel()
  })
}
