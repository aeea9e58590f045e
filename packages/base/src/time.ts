/**
 * Time as a value. Cores never read a clock: instants arrive in inputs, timers leave as effects.
 *
 * @module
 */

/** Milliseconds; an instant counts from the Unix epoch, a duration from its start. */
export type Millis = number

/** Reads the wall clock. Implemented at the platform line; seeded in tests. */
export interface Clock {
  /** Now, in ms since the Unix epoch. */
  now(): Millis
}

/** Starts timers. Implemented at the platform line. */
export interface Timers {
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: Millis, callback: () => void): () => void
  /** Runs `callback` every `periodMs` until the returned function is called. */
  every(periodMs: Millis, callback: () => void): () => void
}
