/**
 * What a core is told once: whose federation, who decides, where the log stands, how long to wait.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { Certificate, Height, VoterSet } from '@folkmoot/consensus'
import type { FederationId, PeerId } from '@folkmoot/identity'
import type { Frontier } from './frontier.ts'
import type { VotingRules } from './rules.ts'

export interface CoreTiming {
  /** Δ, the longest that a message is expected to take. Default 250 ms; 1 s where tabs vote. */
  readonly deltaMs: Millis
  /** Longest Δ after repeated failures. Default 60 s. */
  readonly maxDeltaMs: Millis
  /** An empty block after this long without one, which keeps observers fresh. Default 60 s. */
  readonly heartbeatMs: Millis
  /** How far ahead of our clock a leader's may be. Default 30 s. */
  readonly driftMs: Millis
}

export const defaultTiming: CoreTiming = {
  deltaMs: 250,
  maxDeltaMs: 60_000,
  heartbeatMs: 60_000,
  driftMs: 30_000,
}

/** Δ grows by this much with every view that fails. */
export const BACK_OFF = 1.5

/** The newest entry of the log, or the place before the first. */
export interface LogTip {
  /** 0 before the first entry. */
  readonly height: Height
  /** `NO_PARENT` before the first entry. */
  readonly id: Uint8Array
  readonly time: Millis
  /** View inside the set's epoch; 0 where the entry belongs to an epoch before, or to none. */
  readonly view: number
  /** The application's root now. */
  readonly stateRoot: Uint8Array
  /** Over the ids of all entries, this one included. */
  readonly history: Frontier
  /** What made it final; undefined where `view` is 0. */
  readonly certificate: Certificate | undefined
  /** `Application.nextSet()` now; undefined while the state there is not known. */
  readonly nextSet: Uint8Array | null | undefined
}

export interface CoreConfig {
  readonly instance: FederationId
  /** This peer; a core whose peer has no seat in the set observes. */
  readonly me: PeerId
  /** Voters of the epoch after `tip`. */
  readonly set: VoterSet
  readonly tip: LogTip
  readonly timing?: Partial<CoreTiming>
  /** For the simulator's mutants only. */
  readonly rules?: Partial<VotingRules>
}
