/**
 * What a dispatcher knows: the study's progress, and who has leased what until when.
 *
 * Pure: time arrives inside inputs and leaves as effects. Two dispatchers at once cost duplicate
 * work and nothing else, because acceptance never asks who leased a unit.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Acceptance, Rule } from '@folkmoot/validation'

export interface DispatcherConfig {
  readonly rule: Rule
  readonly unitCount: number
  /** The trust root of an admitted peer; others get nothing. */
  readonly rootOf: (peer: PeerId) => string | undefined
  /** 16 or more bytes that no worker knows; chooses spot checks and where to begin. */
  readonly secret: Uint8Array
  /** How long a worker has for what one request gave it. */
  readonly leaseMs: Millis
  /** A lease this old may be given to one more peer when nothing else is left. */
  readonly stragglerMs: Millis
  /** Most units in one answer. */
  readonly maxUnits: number
  /** Most units that one peer holds at a time. */
  readonly maxHeld: number
}

/** Defaults for units of about a second. */
export const defaultDispatch = {
  leaseMs: 60_000,
  stragglerMs: 10_000,
  maxUnits: 8,
  maxHeld: 16,
} as const

export interface Lease {
  readonly unit: number
  readonly peer: PeerId
  readonly since: Millis
  readonly expires: Millis
}

export interface DispatcherState {
  readonly acceptance: Acceptance
  /** Live leases by unit. */
  readonly leases: ReadonlyMap<number, readonly Lease[]>
  /** Results seen since `acceptance` was computed, by unit. */
  readonly recent: ReadonlyMap<number, readonly PeerId[]>
  /** Units that get a second voice under an `audit` rule. */
  readonly spotChecks: ReadonlySet<number>
}

export type DispatcherInput =
  /** The driver has judged the result set again. */
  | { readonly type: 'progress'; readonly acceptance: Acceptance; readonly at: Millis }
  | {
      readonly type: 'request'
      readonly peer: PeerId
      /** Units the peer would like. */
      readonly want: number
      /** Units whose input blocks it already has. */
      readonly has?: readonly number[]
      readonly at: Millis
    }
  /** A valid result has come, before it is part of an acceptance. */
  | {
      readonly type: 'resultSeen'
      readonly unit: number
      readonly peer: PeerId
      readonly at: Millis
    }
  /** A worker gives back what it will not do; without `units`, everything. */
  | {
      readonly type: 'returned'
      readonly peer: PeerId
      readonly units?: readonly number[]
      readonly at: Millis
    }
  | { readonly type: 'tick'; readonly at: Millis }

/** Why a peer got no unit. */
export type Idle = 'complete' | 'not-admitted' | 'holds-enough' | 'nothing-for-you'

export type DispatcherEffect =
  | {
      readonly type: 'lease'
      readonly peer: PeerId
      readonly units: readonly number[]
      readonly expires: Millis
    }
  /** No unit now; asking again before `retryAt` is of no use unless a result comes. */
  | {
      readonly type: 'idle'
      readonly peer: PeerId
      readonly reason: Idle
      readonly retryAt: Millis
    }
  | { readonly type: 'expired'; readonly lease: Lease }
  /** Ask for a `tick` at this instant; replaces the timer before. */
  | { readonly type: 'setTimer'; readonly at: Millis }
