/**
 * The wall clock of one process: wrong by an offset, running at its own rate, jumping when told to,
 * forwards and back.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

export interface ClockInit {
  /** How far ahead of true time it starts, in ms; negative is behind. Default 0. */
  readonly offsetMs?: number
  /** How much too fast it runs, in millionths. Default 0. */
  readonly driftPpm?: number
}

export interface SimulatedClock {
  /** What the process reads at the simulated instant `now`: whole ms since the Unix epoch. */
  read(now: number): Millis
  /** Simulated ms until this clock has moved by `localMs`; timers run on the same crystal. */
  elapse(localMs: Millis): number
  /** Sets the clock forward, or back where negative. */
  jump(byMs: number): void
}

/** Simulated time 0: 2026-01-01T00:00:00Z, so that stamps look like stamps. */
export const SIMULATION_EPOCH: Millis = 1_767_225_600_000

export function createClock({ offsetMs = 0, driftPpm = 0 }: ClockInit = {}): SimulatedClock {
  const rate = 1 + driftPpm / 1_000_000
  let offset = offsetMs
  return {
    read: (now) => Math.floor(SIMULATION_EPOCH + offset + now * rate),
    elapse: (localMs) => Math.max(0, localMs) / rate,
    jump(byMs) {
      offset += byMs
    },
  }
}
