/**
 * The relay's time, by which leases, deadlines and the ledger are measured.
 *
 * @module
 */
import type { Clock, Millis } from '@folkmoot/base'

export interface RelayClock extends Clock {
  /** What is added to this machine's clock, in ms; 0 for the founder and before joining. */
  offsetMs(): Millis
  moveTo(offsetMs: Millis): void
}

export function createRelayClock(machine: Clock): RelayClock {
  let offset: Millis = 0
  return {
    now: () => machine.now() + offset,
    offsetMs: () => offset,
    moveTo: (offsetMs) => {
      offset = offsetMs
    },
  }
}
