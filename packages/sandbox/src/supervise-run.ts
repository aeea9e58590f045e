/**
 * Drives one job in one worker: hears its messages, kills it when it is silent for too long, says
 * too much or says nonsense, and settles the outcome exactly once.
 *
 * Knows nothing of threads or frames: a platform gives it a {@link WorkerChannel}.
 *
 * @module
 */
import { type HostMessage, longestRestMs, parseWorkerMessage } from './messages.ts'
import type { FailureReason, Job, Outcome, Progress, Run } from './sandbox.ts'

/** A worker as its platform offers it; it lives until `kill`, over many jobs. */
export interface WorkerChannel {
  post(message: HostMessage): void
  /** The one listener of the running job. */
  listen(onMessage: (data: unknown) => void, onDeath: (detail: string) => void): void
  kill(): void
}

export interface SupervisorInit {
  /** The job with its module already prepared. */
  readonly job: Job
  /** A worker for this job alone; rejects where the platform has none. */
  readonly open: () => Promise<WorkerChannel>
  /** Gets the worker back when it is fit for another job. */
  readonly release: (channel: WorkerChannel) => void
}

/** Compiling 2 MiB takes well under a second; a phone under load gets the rest. */
const compileMs = 15_000
/** Beyond a step's own limit: the slice before it, and a busy machine. */
const graceMs = 500
/** A timer this late says that the whole process slept, so the worker gets another period. */
const sleptMs = 1_000
/** Messages a worker may send at once, and per second; it sends about 20. */
const burst = 200
const perSecond = 100

export function superviseRun({ job, open, release }: SupervisorInit): Run {
  const { limits } = job
  const listeners = new Set<(progress: Progress) => void>()
  const { promise: done, resolve } = Promise.withResolvers<Outcome>()
  let channel: WorkerChannel | undefined
  let settled = false
  let paused = false
  let started = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let tokens = burst
  let refilled = performance.now()

  const settle = (outcome: Outcome, reusable: boolean) => {
    if (settled) return
    settled = true
    clearTimeout(timer)
    listeners.clear()
    if (channel !== undefined) {
      if (reusable) release(channel)
      else channel.kill()
    }
    resolve(outcome)
  }
  const fail = (reason: FailureReason, detail: string) =>
    settle({ ok: false, reason, detail }, false)

  const expectWithin = (ms: number, reason: FailureReason, detail: string) => {
    clearTimeout(timer)
    const due = performance.now() + ms
    timer = setTimeout(() => {
      if (performance.now() - due > sleptMs) expectWithin(ms, reason, detail)
      else fail(reason, detail)
    }, ms)
  }

  const isFlood = () => {
    const now = performance.now()
    tokens = Math.min(burst, tokens + ((now - refilled) / 1000) * perSecond) - 1
    refilled = now
    return tokens < 0
  }

  const hear = (data: unknown) => {
    if (settled) return
    if (isFlood()) return fail('abi', 'the worker sent too many messages')
    const message = parseWorkerMessage(data, limits.outputBytes)
    switch (message?.type) {
      case 'ready':
        return expectWithin(2 * limits.stepMs + graceMs, 'step-timeout', 'begin did not return')
      case 'beat': {
        if (message.computeMs > limits.unitMs) {
          return fail('unit-timeout', `more than ${limits.unitMs} ms`)
        }
        if (message.paused && paused) clearTimeout(timer)
        else watchStep(message.restMs)
        for (const listener of listeners) {
          listener({ steps: message.steps, computeMs: message.computeMs })
        }
        return
      }
      case 'done': {
        const { output, computeMs, steps } = message
        return settle({ ok: true, output, computeMs, steps }, true)
      }
      case 'failed':
        return settle({ ok: false, reason: message.reason, detail: message.detail }, true)
      default:
        return fail('abi', 'the worker sent something that is no message')
    }
  }
  const watchStep = (restMs: number) =>
    expectWithin(
      Math.min(restMs, longestRestMs) + limits.stepMs + graceMs,
      'step-timeout',
      `a step took more than ${limits.stepMs} ms`,
    )

  const begin = (opened: WorkerChannel) => {
    channel = opened
    if (settled) return opened.kill()
    opened.listen(hear, (detail) => fail('trap', detail))
    started = true
    expectWithin(compileMs, 'trap', 'the module took too long to load')
    opened.post({ type: 'job', code: job.code, input: job.input, limits, share: job.share })
    if (paused) opened.post({ type: 'pause' })
  }
  open().then(begin, (error) => fail('unavailable', String(error)))

  return {
    done,
    pause: () => {
      if (settled || paused) return
      paused = true
      if (started) channel?.post({ type: 'pause' })
    },
    resume: () => {
      if (settled || !paused) return
      paused = false
      if (!started) return
      channel?.post({ type: 'resume' })
      watchStep(0)
    },
    cancel: () => fail('cancelled', 'cancelled by this peer'),
    onProgress: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
