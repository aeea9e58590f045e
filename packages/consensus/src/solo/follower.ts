/**
 * A follower of a federation that one founder began, known by its founder alone.
 *
 * @module
 */
import type { FederationId, PeerId } from '@folkmoot/identity'
import { createFollower, type Follower, type FollowerInit } from '../chain/follower.ts'

export interface SoloFollowerInit extends Omit<FollowerInit, 'facts'> {
  readonly instance: FederationId
  readonly founder: PeerId
  /** Whether voters that take over may be held to the cap of organisations. Default false. */
  readonly crossOrg?: boolean
}

/**
 * Opens a follower's copy and replays it. Where the charter is at hand, `createFollower` with
 * `charterFacts` follows any federation.
 *
 * @throws FederationError `consensus/corrupt-log`
 */
export function createSoloFollower(init: SoloFollowerInit): Promise<Follower> {
  const { instance, founder, crossOrg = false, ...rest } = init
  return createFollower({ ...rest, facts: { instance, founder, crossOrg, firstSet: null } })
}
