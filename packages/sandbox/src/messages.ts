/**
 * The messages between a host and its worker. A worker runs our code around somebody else's; the
 * host still believes nothing: each message has one of four shapes and every number a range.
 *
 * @module
 */
import type { FailureReason, JobLimits } from './sandbox.ts'

/** From the host. The runner checks the same shapes on its side. */
export type HostMessage =
  | {
      readonly type: 'job'
      readonly code: Uint8Array
      readonly input: Uint8Array
      readonly limits: JobLimits
      readonly share: number
    }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }

/** From the worker. */
export type WorkerMessage =
  /** The module is compiled; `begin` comes next. */
  | { readonly type: 'ready' }
  /** A slice is over; the next starts after `restMs`, or at `resume` when `paused`. */
  | {
      readonly type: 'beat'
      readonly steps: number
      readonly computeMs: number
      readonly restMs: number
      readonly paused: boolean
    }
  | {
      readonly type: 'done'
      readonly output: Uint8Array
      readonly steps: number
      readonly computeMs: number
    }
  | { readonly type: 'failed'; readonly reason: FailureReason; readonly detail: string }

/** The longest rest between slices: a share of 1 % after a slice of 50 ms. */
export const longestRestMs = 5_000

/** Input beyond this would not fit a study's memory anyway. */
export const longestInputBytes = 64 * 1024 * 1024

export const longestDetail = 300

/** What a worker may say of a job; the rest only its host can know. */
const reportable: ReadonlySet<unknown> = new Set<FailureReason>([
  'trap',
  'step-timeout',
  'unit-timeout',
  'output-too-large',
  'abi',
])

/** The message in `data`, or undefined where it is none. */
export function parseWorkerMessage(data: unknown, outputBytes: number): WorkerMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const fields = data as Record<string, unknown>
  const { type, steps, computeMs, restMs, paused, output, reason, detail } = fields
  const keys = Object.keys(fields).length
  switch (type) {
    case 'ready':
      return keys === 1 ? { type } : undefined
    case 'beat':
      return keys === 5 &&
        isCount(steps) &&
        isDuration(computeMs) &&
        isDuration(restMs) &&
        restMs <= longestRestMs &&
        typeof paused === 'boolean'
        ? { type, steps, computeMs, restMs, paused }
        : undefined
    case 'done':
      return keys === 4 &&
        output instanceof Uint8Array &&
        output.length <= outputBytes &&
        isCount(steps) &&
        isDuration(computeMs)
        ? { type, output, steps, computeMs }
        : undefined
    case 'failed':
      return keys === 3 &&
        reportable.has(reason) &&
        typeof detail === 'string' &&
        detail.length <= longestDetail
        ? { type, reason: reason as FailureReason, detail }
        : undefined
    default:
      return undefined
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1e9
}
