/**
 * The part of a sandbox that is the same on every platform: checks the job, prepares its module,
 * keeps an idle worker for the next job, and closes.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { longestInputBytes } from './messages.ts'
import { prepareModule } from './prepare-module.ts'
import type { Job, Outcome, Run, Sandbox } from './sandbox.ts'
import { superviseRun, type WorkerChannel } from './supervise-run.ts'

export interface PoolInit {
  /** Starts a fresh worker. */
  readonly open: () => Promise<WorkerChannel>
  /** Frees the platform's own resources, after the workers. */
  readonly dispose: () => Promise<void>
  /** Idle workers that are kept for the next job. */
  readonly idle: number
}

/** What a manifest may ask for; beyond it a job is the caller's mistake. */
const ranges = {
  stepMs: [1, 60_000],
  unitMs: [1, 24 * 3_600_000],
  memoryPages: [1, 65_536],
  outputBytes: [1, 16 * 1024 * 1024],
} as const

export function createPool({ open, dispose, idle }: PoolInit): Sandbox {
  const waiting: WorkerChannel[] = []
  const running = new Set<Run>()
  let closed = false

  const take = async () => waiting.pop() ?? open()
  const release = (channel: WorkerChannel) => {
    if (closed || waiting.length >= idle) return channel.kill()
    // A worker that speaks or dies between two jobs is not kept.
    const drop = () => {
      const index = waiting.indexOf(channel)
      if (index >= 0) waiting.splice(index, 1)
      channel.kill()
    }
    channel.listen(drop, drop)
    waiting.push(channel)
  }

  return {
    run: (job) => {
      if (closed) throw new FederationError('sandbox/closed', 'the sandbox is closed')
      checkJob(job)
      const prepared = prepareModule(job.code, { memoryPages: job.limits.memoryPages })
      if (!prepared.ok) {
        const { code, message } = prepared.fault
        return failedRun({ ok: false, reason: 'invalid-module', detail: `${code}: ${message}` })
      }
      const run = superviseRun({ job: { ...job, code: prepared.code }, open: take, release })
      running.add(run)
      run.done.then(() => running.delete(run))
      return run
    },
    close: async () => {
      if (closed) return
      closed = true
      const ends = [...running].map((run) => run.done)
      for (const run of running) run.cancel()
      await Promise.all(ends)
      for (const channel of waiting.splice(0)) channel.kill()
      await dispose()
    },
  }
}

function checkJob({ limits, share, input }: Job): void {
  const problems = Object.entries(ranges).flatMap(([name, [least, most]]) => {
    const value = limits[name as keyof typeof ranges]
    return Number.isInteger(value) && value >= least && value <= most
      ? []
      : [`${name} must be an integer from ${least} to ${most}`]
  })
  if (!(share > 0 && share <= 1)) problems.push('share must be above 0 and at most 1')
  if (input.length > longestInputBytes) problems.push('input must be at most 64 MiB')
  if (problems.length > 0) throw new FederationError('sandbox/job', problems.join('; '))
}

function failedRun(outcome: Outcome): Run {
  return {
    done: Promise.resolve(outcome),
    pause: () => {},
    resume: () => {},
    cancel: () => {},
    onProgress: () => () => {},
  }
}
