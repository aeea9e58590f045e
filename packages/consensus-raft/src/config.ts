/**
 * How long a group waits before it acts, and how much it sends at once.
 *
 * @module
 */
import { FederationError, type Millis } from '@folkmoot/base'
import type { RaftCode } from './codes.ts'

export interface RaftConfig {
  /** A leader is heard this often, in ms. */
  readonly heartbeatMs: Millis
  /** Silence after which a member campaigns, in ms; each draws up to as much again on top. */
  readonly electionMs: Millis
  /** Round trip between members, in ms: the silence is at least ten of them (thesis, 9.3). */
  readonly rttMs: Millis
  /** Appends without an answer, for each member. */
  readonly maxInflight: number
  /** Bytes of entries in one append, unless the first alone is larger. */
  readonly maxAppendBytes: number
}

/** For servers of one company, also across a continent. */
const production: RaftConfig = {
  heartbeatMs: 100,
  electionMs: 1_000,
  rttMs: 80,
  maxInflight: 64,
  maxAppendBytes: 256 * 1024,
}

export type RaftConfigInit = Partial<RaftConfig>

/** @throws FederationError `consensus-raft/config` with all problems at once */
export function resolveRaftConfig(init: RaftConfigInit = {}): RaftConfig {
  const config = { ...production, ...init }
  const { heartbeatMs, electionMs, rttMs, maxInflight, maxAppendBytes } = config
  const problems = [
    ...(heartbeatMs > 0 ? [] : ['heartbeatMs is positive']),
    ...(electionMs >= 10 * rttMs ? [] : ['electionMs is at least ten round trips']),
    ...(electionMs >= 3 * heartbeatMs ? [] : ['electionMs is at least three heartbeats']),
    ...(Number.isInteger(maxInflight) && maxInflight > 0 ? [] : ['maxInflight is at least 1']),
    ...(maxAppendBytes >= 1024 ? [] : ['maxAppendBytes is at least 1 KiB']),
  ]
  if (problems.length > 0) {
    throw new FederationError<RaftCode>('consensus-raft/config', problems.join('; '), {
      details: { problems },
    })
  }
  return Object.freeze(config)
}
