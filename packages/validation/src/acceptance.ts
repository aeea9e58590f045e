/**
 * What acceptance concludes about a study.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'

/**
 * - `waiting`: no result counts yet.
 * - `provisional`: results agree, but too few of them or too early.
 * - `accepted`: the rule is met.
 * - `disputed`: results disagree and none has won.
 */
export type UnitPhase = 'waiting' | 'provisional' | 'accepted' | 'disputed'

/** Why a result does not count towards its unit. */
export type Objection = 'outvoted' | 'disputed' | 'equivocation' | 'rolled-back'

export interface Against {
  readonly peer: PeerId
  readonly output: string
  /** Id of the signed result. */
  readonly id: string
  readonly why: Objection
}

export interface UnitState {
  readonly state: UnitPhase
  /** Content id; present when provisional or accepted. */
  readonly output?: string
  /** Peers behind `output`, in order of their ids. */
  readonly supporters: readonly PeerId[]
  /** Distinct voices among the supporters. */
  readonly voices: number
  /** Ids of the supporters' results in the order of `supporters`; by `ledger`, those on record, sorted. */
  readonly results: readonly string[]
  /** Results that do not count, in order of their ids; where `disputed`, all that could still win too. */
  readonly against: readonly Against[]
  /** How it was accepted: by agreeing voices, by its worker's window of later results, or on record. */
  readonly by?: 'quorum' | 'window' | 'ledger'
}

/** Two outputs signed by one peer for one unit; both results together are the evidence. */
export interface Equivocation {
  readonly peer: PeerId
  readonly unit: number
  readonly results: readonly [string, string]
}

export interface Acceptance {
  /** One per unit, by its number. */
  readonly units: readonly UnitState[]
  readonly acceptedCount: number
  /** True when every unit is accepted. */
  readonly complete: boolean
  readonly equivocations: readonly Equivocation[]
  /** Peers that failed a check under an `audit` rule, in order of their ids. */
  readonly failed: readonly PeerId[]
}
