/**
 * Holds this peer's exposures and counts calls against their limits; `policy` decides.
 *
 * @module
 */
import type { Clock, Verdict } from '@folkmoot/base'
import type { PeerId, Role } from '@folkmoot/identity'
import { createCounters, decide, type Exposure, resolveExposure } from '@folkmoot/policy'

export interface Policy {
  /** @throws FederationError `policy/exposure` */
  expose(capability: string, exposure: Omit<Exposure, 'capability'>): void
  /**
   * Decides and, where a call is let in, counts it at once: others are judged while it waits for
   * the log. `counted` ends it.
   */
  authorise(peer: PeerId, capability: string): Verdict<{ readonly counted: () => void }>
}

export function createPolicy(init: {
  readonly clock: Clock
  /** Undefined for a peer that is not a member. */
  readonly roleOf: (peer: PeerId) => Role | undefined
}): Policy {
  const exposures = new Map<string, Exposure>()
  const counters = createCounters()
  return {
    expose: (capability, exposure) =>
      void exposures.set(capability, resolveExposure({ ...exposure, capability })),
    authorise: (peer, capability) => {
      const now = init.clock.now()
      const request = { capability, peer, role: init.roleOf(peer) }
      const verdict = decide(exposures, request, counters, now)
      return verdict.ok ? { ok: true, counted: counters.start({ capability, peer, now }) } : verdict
    },
  }
}
