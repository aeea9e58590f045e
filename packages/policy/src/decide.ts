/**
 * May this peer do this now? Default deny.
 *
 * A pure function of exposures, request, counters and time; it returns its reason. Trust gates,
 * grants and enforced budgets come later and may only narrow what is decided here.
 *
 * @module
 */
import { type Millis, type Refused, refuse, type Verdict } from '@folkmoot/base'
import type { PeerId, Role } from '@folkmoot/identity'
import type { PolicyCode } from './codes.ts'
import { type Budget, type Counters, RATE_WINDOW_MS } from './counters.ts'
import { concurrentPerPeer, type Exposure, isAudience } from './exposure.ts'

export interface AccessRequest {
  readonly capability: string
  readonly peer: PeerId
  /** The peer's role; undefined where it is not a member. */
  readonly role: Role | undefined
  /** What the caller grants; recorded by the counters, unlimited for now. */
  readonly budget?: Budget
}

/** Decides on one call before anything of it runs. */
export function decide(
  exposures: ReadonlyMap<string, Exposure>,
  { capability, peer, role }: AccessRequest,
  counters: Counters,
  now: Millis,
): Verdict<{ exposure: Exposure }> {
  const exposure = exposures.get(capability)
  if (exposure === undefined || !isAudience(exposure.to, peer, role)) {
    // One answer for both, so that names cannot be probed.
    return deny('policy/not-exposed', 'not exposed to you')
  }
  const started = counters.startedSince(capability, peer, now - RATE_WINDOW_MS)
  if (started >= exposure.ratePerMinute) {
    return deny('policy/rate', `at most ${exposure.ratePerMinute} calls a minute`)
  }
  if (counters.running(capability) >= exposure.maxConcurrent) {
    return deny('policy/busy', `at most ${exposure.maxConcurrent} calls at once`)
  }
  const perPeer = concurrentPerPeer(exposure)
  if (counters.runningOf(capability, peer) >= perPeer) {
    return deny('policy/busy', `at most ${perPeer} calls of one peer at once`)
  }
  return { ok: true, exposure }
}

function deny(code: PolicyCode, message: string): Refused {
  return refuse(code, message)
}
