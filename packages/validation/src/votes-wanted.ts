/**
 * How many more voices a unit needs before it can be accepted: what a dispatcher leases by.
 *
 * @module
 */
import type { Acceptance, UnitState } from './acceptance.ts'
import { quorumOf, type Rule } from './rule.ts'

export interface Wanting {
  /** The dispatcher has chosen this unit for a spot check. */
  readonly spotCheck: boolean
  /** Every unit has a result: what is still provisional is settled by a second voice. */
  readonly settling: boolean
}

/** Voices that would decide the unit if all agreed with the leading output; 0 when none are needed. */
export function votesWanted(rule: Rule, unit: UnitState, wanting: Wanting): number {
  switch (unit.state) {
    case 'accepted':
      return rule.kind === 'audit' && unit.by === 'window' && wanting.spotCheck ? 1 : 0
    case 'disputed':
      // `voices` is the largest group's: one more than it breaks a tie.
      return Math.max(1, quorumOf(rule) - unit.voices)
    case 'provisional':
      if (rule.kind === 'quorum') return Math.max(1, rule.m - unit.voices)
      return wanting.spotCheck || wanting.settling ? 1 : 0
    case 'waiting':
      return rule.kind === 'quorum' ? rule.m : 1
  }
}

/** True when every unit has spoken for it at least one result that counts. */
export function isSettling(acceptance: Acceptance): boolean {
  return acceptance.units.every((unit) => unit.state !== 'waiting')
}
