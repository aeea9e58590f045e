/**
 * A worker: takes leases on one study, runs its units in the sandbox and gives the results away.
 * Says at every moment whether it is working and, if not, why.
 *
 * @module
 */
import {
  type Clock,
  errorMessage,
  type Logger,
  type Millis,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import type { Run, Sandbox } from '@folkmoot/sandbox'
import type { Manifest } from '@folkmoot/studies'

/** Why a worker is not computing. */
export type HeldReason =
  | 'paused'
  | 'finishing'
  | 'no-work'
  | 'complete'
  | 'unreachable'
  | 'stopped'
  | 'failing'

export interface ContributionView {
  readonly held: { readonly reason: HeldReason; readonly detail?: string } | null
  readonly unit: number | null
  /** Steps taken in the current unit. */
  readonly steps: number
  /** When the current unit started, in ms since the epoch. */
  readonly startedAt: Millis | null
  /** Mean compute time of finished units, in ms; null before the first. */
  readonly unitMs: Millis | null
  readonly done: number
  /** Milliseconds spent inside the sandbox, and since the start without pauses. */
  readonly usefulMs: Millis
  readonly activeMs: Millis
}

export interface Contribution {
  peek(): ContributionView
  subscribe(listener: () => void): () => void
  pause(): void
  resume(): void
  /** Share of one core from the next unit on, 0 to 1. */
  setShare(share: number): void
  share(): number
  /** False while the owner holds it, paused or stopped. */
  runs(): boolean
  /** Pauses after the unit at hand; resolves when that is given away. */
  finish(): Promise<void>
  /** Ends now; the unit at hand is dropped and its lease expires. */
  stop(): Promise<void>
}

export interface ContributionInit {
  readonly manifest: Manifest
  readonly sandbox: Sandbox
  /** Share of one core, 0 to 1. */
  readonly share: number
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly code: () => Promise<Uint8Array>
  readonly input: (unit: number) => Promise<Uint8Array>
  /** Units to compute; empty when the dispatcher has none now. */
  readonly lease: (
    want: number,
    holding: readonly number[],
  ) => Promise<Verdict<{ units: readonly number[]; retryAt: Millis }>>
  /** Signs, records and publishes one output. */
  readonly publish: (unit: number, output: Uint8Array) => Promise<Verdict>
  /** Tells of results that came: there may be work again. */
  readonly onChange: (listener: () => void) => () => void
  /** True when every unit is accepted. */
  readonly complete: () => boolean
  /** True when somebody accepted this unit already: a lease on it is then dropped. */
  readonly settled: (unit: number) => boolean
}

/** Tried again after this long when something failed, doubled up to the last. */
const firstRetryMs = 250
const lastRetryMs = 4_000
/**
 * A dispatcher that had nothing is asked again at the instant that it named, later each time up to a
 * minute. A result that comes may bring work sooner: then after the retry time above.
 */
const lastIdleMs = 60_000
/** After this many units in a row without a result the worker says that it is failing. */
const failuresShown = 3

export function createContribution(init: ContributionInit): Contribution {
  const listeners = new Set<() => void>()
  const queue: number[] = []
  let held: ContributionView['held'] = null
  let paused = false
  let share = init.share
  let finishing = false
  let stopped = false
  let run: Run | null = null
  let unit: number | null = null
  let steps = 0
  let startedAt: Millis | null = null
  let computeMs = 0
  let done = 0
  let failures = 0
  let activeSince: Millis = init.clock.now()
  let activeMs = 0
  let wake: (() => void) | null = null
  let refill: Promise<void> | null = null
  let retryMs = firstRetryMs
  let backoffMs = firstRetryMs
  let idleUntil: Millis | null = null
  let news = false
  let waiting = false
  const finished: (() => void)[] = []

  const tell = () => {
    for (const listener of listeners) listener()
  }
  const hold = (reason: HeldReason | null, detail?: string) => {
    if (held?.reason === reason && held?.detail === detail) return
    held = reason === null ? null : detail === undefined ? { reason } : { reason, detail }
    tell()
  }
  const sleep = (ms: Millis) =>
    new Promise<void>((resolve) => {
      const cancel = init.timers.after(ms, () => {
        wake = null
        resolve()
      })
      wake = () => {
        cancel()
        wake = null
        resolve()
      }
    })

  const ask = async (): Promise<void> => {
    const verdict = await init
      .lease(2, unit === null ? queue : [unit, ...queue])
      .catch((error: unknown) => ({
        ok: false as const,
        fault: { code: 'federation/lease', message: errorMessage(error) },
      }))
    if (verdict.ok) {
      for (const leased of verdict.units)
        if (!queue.includes(leased) && leased !== unit) queue.push(leased)
      if (verdict.units.length > 0) {
        retryMs = firstRetryMs
        backoffMs = firstRetryMs
        idleUntil = null
      } else {
        const now = init.clock.now()
        idleUntil = Math.min(Math.max(verdict.retryAt, now + backoffMs), now + lastIdleMs)
        backoffMs = Math.min(lastIdleMs, backoffMs * 2)
      }
      if (queue.length === 0 && unit === null) hold(init.complete() ? 'complete' : 'no-work')
    } else if (verdict.fault.code === 'federation/study-closed') {
      idleUntil = init.clock.now() + lastIdleMs
      if (unit === null) hold('no-work', verdict.fault.message)
    } else {
      idleUntil = null
      if (unit === null) hold('unreachable', verdict.fault.message)
    }
  }
  const fill = (): Promise<void> => {
    refill ??= ask().finally(() => {
      refill = null
    })
    return refill
  }

  const compute = async (next: number): Promise<void> => {
    unit = next
    steps = 0
    startedAt = init.clock.now()
    hold(null)
    tell()
    // The next lease is asked for while this unit runs, so that the core never waits for it.
    if (queue.length === 0 && !finishing) void fill()
    try {
      const [code, input] = await Promise.all([init.code(), init.input(next)])
      if (stopped) return
      run = init.sandbox.run({ code, input, limits: init.manifest.limits, share })
      run.onProgress((progress) => {
        steps = progress.steps
        tell()
      })
      if (paused) run.pause()
      const outcome = await run.done
      run = null
      if (stopped) return
      if (!outcome.ok) {
        if (outcome.reason !== 'cancelled') failures += 1
        init.logger.log('warn', 'a unit gave no result', { unit: next, reason: outcome.reason })
        if (failures >= failuresShown) hold('failing', `${outcome.reason}: ${outcome.detail}`)
        await sleep(Math.min(lastRetryMs, firstRetryMs * 2 ** failures))
        return
      }
      failures = 0
      computeMs += outcome.computeMs
      done += 1
      const verdict = await init.publish(next, outcome.output)
      if (!verdict.ok) hold('failing', verdict.fault.message)
    } catch (error) {
      failures += 1
      hold('failing', errorMessage(error))
      await sleep(Math.min(lastRetryMs, firstRetryMs * 2 ** failures))
    } finally {
      run = null
      unit = null
      startedAt = null
      tell()
    }
  }

  const loop = async (): Promise<void> => {
    while (!stopped) {
      if (finishing) {
        finishing = false
        setPaused(true)
        for (const resolve of finished.splice(0)) resolve()
      }
      if (paused) {
        hold('paused')
        await sleep(lastRetryMs)
        continue
      }
      const next = queue.shift()
      if (next !== undefined) {
        if (!init.settled(next)) await compute(next)
        continue
      }
      if (init.complete()) {
        // Nothing to ask for; a result that is rolled back opens the study again.
        hold('complete')
        await sleep(lastRetryMs)
        continue
      }
      news = false
      await fill()
      if (queue.length > 0 || stopped || finishing || paused) continue
      await sleep(retryMs)
      retryMs = Math.min(lastRetryMs, retryMs * 2)
      if (idleUntil === null) continue
      const left = idleUntil - init.clock.now()
      if (left > 0 && !news && !stopped && !finishing && !paused) {
        waiting = true
        await sleep(left)
        waiting = false
      }
    }
    hold('stopped')
  }
  const unhear = init.onChange(() => {
    news = true
    if (waiting) wake?.()
  })
  const ended = loop().finally(unhear)

  const setPaused = (next: boolean) => {
    if (paused === next || stopped) return
    paused = next
    const now = init.clock.now()
    if (paused) {
      activeMs += now - activeSince
      run?.pause()
      hold('paused')
    } else {
      activeSince = now
      run?.resume()
      hold(null)
    }
    wake?.()
  }

  return {
    peek: () => ({
      held,
      unit,
      steps,
      startedAt,
      unitMs: done === 0 ? null : computeMs / done,
      done,
      usefulMs: computeMs,
      activeMs: activeMs + (paused ? 0 : init.clock.now() - activeSince),
    }),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    pause: () => setPaused(true),
    resume: () => {
      finishing = false
      setPaused(false)
    },
    setShare: (next) => {
      share = next
    },
    share: () => share,
    runs: () => !paused && !stopped,
    finish: () => {
      if (stopped || (paused && unit === null)) return Promise.resolve()
      setPaused(false)
      finishing = true
      if (unit !== null) hold('finishing')
      wake?.()
      return new Promise((resolve) => finished.push(resolve))
    },
    stop: async () => {
      stopped = true
      run?.cancel()
      wake?.()
      for (const resolve of finished.splice(0)) resolve()
      await ended
    },
  }
}
