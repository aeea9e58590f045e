/**
 * Exposures: which capability is open to whom. A peer without exposures exposes nothing.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { PeerId, Role } from '@folkmoot/identity'
import type { PolicyCode } from './codes.ts'

/** Who may call: every member, named peers, or members of some roles. */
export type Audience =
  | 'members'
  | { readonly peers: readonly PeerId[] }
  | { readonly roles: readonly Role[] }

export interface Exposure {
  readonly capability: string
  readonly to: Audience
  /** Calls at once, over all peers together; at least 1. */
  readonly maxConcurrent: number
  /** Calls at once of one peer; at least 1. Default: an eighth of `maxConcurrent`, rounded up. */
  readonly maxConcurrentPerPeer?: number
  /** Calls that one peer may start in any 60 seconds; at least 1. */
  readonly ratePerMinute: number
}

/**
 * An exposure as it holds from now on, frozen.
 *
 * @throws FederationError `policy/exposure`, naming every problem at once
 */
export function resolveExposure(exposure: Exposure): Exposure {
  const { capability, maxConcurrent, maxConcurrentPerPeer = 1, ratePerMinute } = exposure
  const limits = { maxConcurrent, maxConcurrentPerPeer, ratePerMinute }
  const problems = Object.entries(limits)
    .filter(([, limit]) => !Number.isSafeInteger(limit) || limit < 1)
    .map(([name]) => `${name} of ${capability} is not at least 1`)
  if (capability === '') problems.push('a capability has no name')
  if (problems.length > 0) {
    throw new FederationError<PolicyCode>('policy/exposure', problems.join('; '), {
      details: { problems },
    })
  }
  return Object.freeze({ ...exposure })
}

/** Whether `peer`, with its role or undefined where it is no member, belongs to the audience. */
export function isAudience(to: Audience, peer: PeerId, role: Role | undefined): boolean {
  if (role === undefined) return false
  if (to === 'members') return true
  return 'peers' in to ? to.peers.includes(peer) : to.roles.includes(role)
}

/** No single peer may hold every place. */
export function concurrentPerPeer(
  exposure: Pick<Exposure, 'maxConcurrent' | 'maxConcurrentPerPeer'>,
): number {
  return exposure.maxConcurrentPerPeer ?? Math.ceil(exposure.maxConcurrent / 8)
}
