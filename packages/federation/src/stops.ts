/**
 * Stops what was started, in the reverse order, one at a time.
 *
 * @module
 */

export interface Stops {
  /** Adds what ends the part that has just started. */
  add(stop: () => Promise<unknown> | unknown): void
  /** Stops everything; the same promise on every call. Rejects with the first error, after all ran. */
  run(): Promise<void>
}

export function createStops(): Stops {
  const stops: (() => Promise<unknown> | unknown)[] = []
  let stopping: Promise<void> | null = null
  return {
    add: (stop) => {
      stops.push(stop)
    },
    run: () => {
      stopping ??= (async () => {
        let failed: unknown
        for (const stop of stops.reverse()) {
          // A full disk must not keep the lock, nor a lost database the key that is to be forgotten.
          try {
            await stop()
          } catch (error) {
            failed ??= error
          }
        }
        if (failed !== undefined) throw failed
      })()
      return stopping
    },
  }
}
