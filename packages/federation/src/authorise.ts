/**
 * Holds this peer's exposures and counts calls against their limits; `policy` decides.
 *
 * @module
 */
import type { Clock, Verdict } from '@folkmoot/base'
import type { PeerId, Role } from '@folkmoot/identity'
import { createCounters, decide, type Exposure } from '@folkmoot/policy'

export interface Policy {
  expose(capability: string, exposure: Omit<Exposure, 'capability'>): void
  authorise(peer: PeerId, capability: string): Verdict
  /** Counts a call that was let in; the returned function ends it. */
  begun(peer: PeerId, capability: string): () => void
}

export function createPolicy(init: {
  readonly clock: Clock
  /** Undefined for a peer that is not a member. */
  readonly roleOf: (peer: PeerId) => Role | undefined
}): Policy {
  const exposures = new Map<string, Exposure>()
  const counters = createCounters()
  return {
    expose: (capability, exposure) => void exposures.set(capability, { ...exposure, capability }),
    authorise: (peer, capability) =>
      decide(exposures, { capability, peer, role: init.roleOf(peer) }, counters, init.clock.now()),
    begun: (peer, capability) => counters.start({ capability, peer, now: init.clock.now() }),
  }
}
