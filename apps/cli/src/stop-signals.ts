/**
 * Turns the process's signals into two abort signals: the first asks to drain, a second to stop at
 * once.
 *
 * @module
 */
import { constants } from 'node:os'

/**
 * A terminal sends Ctrl-C to npm, to the bootstrap and to this process, and the first two forward
 * it: what arrives within this time is one request. People do not press twice so fast.
 */
const SAME_PRESS_MS = 400

export interface StopSignals {
  /** Aborted by the first signal. */
  readonly drain: AbortSignal
  /** Aborted by a second one. */
  readonly now: AbortSignal
  /** 128 plus the first signal's number, 0 before any; 0 also for a stop asked for otherwise. */
  readonly exitCode: () => number
  /** Asks to drain without a signal, as `POST /v1/stop` does. */
  stop(): void
  dispose(): void
}

interface Emitter {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

export function createStopSignals(
  source: Emitter = process,
  now: () => number = performance.now.bind(performance),
): StopSignals {
  const drain = new AbortController()
  const immediate = new AbortController()
  const handled: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  let first: { at: number; code: number } | undefined
  const receive = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = { at: now(), code: 128 + (constants.signals[signal] ?? 0) }
      drain.abort(new Error(signal))
    } else if (now() - first.at > SAME_PRESS_MS) immediate.abort(new Error(signal))
  }
  for (const signal of handled) source.on(signal, receive)
  return {
    drain: drain.signal,
    now: immediate.signal,
    exitCode: () => first?.code ?? 0,
    stop: () => drain.abort(new Error('asked to stop')),
    dispose: () => {
      for (const signal of handled) source.off(signal, receive)
    },
  }
}
