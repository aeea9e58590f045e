/**
 * Who is here: presence records and failure detection, pure.
 *
 * @example
 * ```ts
 * import { membershipDefaults, newMembership, present, stepMembership } from '@folkmoot/membership'
 *
 * const config = { ...membershipDefaults, self }
 * let { state, effects } = stepMembership(config, newMembership(ownPresence), { type: 'timer', at, dice })
 * // effects: announce (publish the record), set-timer
 * ;({ state, effects } = stepMembership(config, state, { type: 'heard', peer, presence, at }))
 * present(state) // [{ peer, status: 'here', presence }]
 * ```
 *
 * @module
 */
export { answersNewcomer, presencePeriodMs } from './announcing.ts'
export type { MembershipCode } from './codes.ts'
export {
  crowdSize,
  type Membership,
  type MembershipConfig,
  type MembershipEffect,
  type MembershipInput,
  membershipDefaults,
  newMembership,
  type PeerStatus,
  type PeerView,
  present,
  stepMembership,
} from './membership.ts'
export { encodePresence, MAX_PRESENCE_BYTES, type Presence, parsePresence } from './presence.ts'
export { type Suspicion, type SuspicionConfig, suspicionDeadline } from './suspicion.ts'
