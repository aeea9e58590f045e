/**
 * The relay's time, by which leases, deadlines and the ledger are measured.
 *
 * @module
 */
import type { Clock, Millis } from '@folkmoot/base'

export interface RelayClock extends Clock {
  /** What is added to this machine's clock, in ms; 0 for the founder and before joining. */
  offsetMs(): Millis
  /** The offset as just measured; answers by how much that moves the time that is read here. */
  moveTo(offsetMs: Millis): Millis
  /** This machine's clock was set by so much: the relay's time was not. */
  machineSet(byMs: Millis): void
}

export function createRelayClock(machine: Clock): RelayClock {
  let offset: Millis = 0
  return {
    now: () => machine.now() + offset,
    offsetMs: () => offset,
    moveTo: (offsetMs) => {
      const by = offsetMs - offset
      offset = offsetMs
      return by
    },
    machineSet: (byMs) => {
      offset -= byMs
    },
  }
}
