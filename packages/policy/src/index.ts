/**
 * May this peer do this now: exposure with default deny, rates, and recorded budgets.
 *
 * @example
 * ```ts
 * import { createCounters, decide, resolveExposure } from '@folkmoot/policy'
 *
 * const limits = { maxConcurrent: 4, ratePerMinute: 30 }
 * const review = resolveExposure({ capability: 'review', to: 'members', ...limits })
 * const exposures = new Map([[review.capability, review]])
 * const counters = createCounters()
 * const verdict = decide(exposures, { capability: 'review', peer, role: 'member' }, counters, now)
 * ```
 *
 * @module
 */
export type { PolicyCode } from './codes.ts'
export { type Budget, type CallCounters, type Counters, createCounters } from './counters.ts'
export { type AccessRequest, decide } from './decide.ts'
export { type Audience, type Exposure, isAudience, resolveExposure } from './exposure.ts'
