/**
 * What a sandbox offers, the same in Node and in a tab.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

/** Bounds on one job, from the study's manifest. */
export interface JobLimits {
  /** Longest single call into the module, in ms; past it the worker is killed. */
  readonly stepMs: Millis
  /** Compute time of the whole job, in ms; pauses do not count. */
  readonly unitMs: Millis
  /** Pages of 64 KiB that the module may declare. */
  readonly memoryPages: number
  /** Longest output, in bytes. */
  readonly outputBytes: number
}

export interface Job {
  /** The module as its author published it; it is checked and prepared here. */
  readonly code: Uint8Array
  /** DAG-CBOR for the module; at most 64 MiB. */
  readonly input: Uint8Array
  readonly limits: JobLimits
  /** Share of a core, above 0 and at most 1: work in slices of at most 50 ms, rest in between. */
  readonly share: number
}

/**
 * Why there is no output. None of these is ever a vote against someone: another machine may do
 * better. `unavailable` means that this platform could not start a worker.
 */
export type FailureReason =
  | 'trap'
  | 'step-timeout'
  | 'unit-timeout'
  | 'cancelled'
  | 'invalid-module'
  | 'output-too-large'
  | 'abi'
  | 'unavailable'

export type Outcome =
  | {
      readonly ok: true
      readonly output: Uint8Array
      /** Time inside the module, in ms. */
      readonly computeMs: Millis
      readonly steps: number
    }
  | { readonly ok: false; readonly reason: FailureReason; readonly detail: string }

/** How far a job is. */
export interface Progress {
  readonly steps: number
  readonly computeMs: Millis
}

export interface Run {
  /** Settles once; never rejects. */
  readonly done: Promise<Outcome>
  /** Stops after the step that is running; a step that never ends is still killed. */
  pause(): void
  resume(): void
  /** Ends the job as `cancelled`; its worker is killed at once. */
  cancel(): void
  /** Called at most about 20 times a second; the returned function stops it. */
  onProgress(listener: (progress: Progress) => void): () => void
}

export interface Sandbox {
  /** @throws FederationError `sandbox/job` for limits or a share out of range, `sandbox/closed` */
  run(job: Job): Run
  /** Cancels what runs and frees every worker. */
  close(): Promise<void>
}
