/**
 * Is this result right: acceptance as an order-free function of signed results.
 *
 * @example
 * ```ts
 * import { accept, explain } from '@folkmoot/validation'
 *
 * const rule = { kind: 'quorum', m: 2, distinct: 'root' } as const
 * const acceptance = accept(rule, 90, (peer) => ledger.rootOf(peer), results.votes())
 * if (!acceptance.complete) console.log(explain(acceptance, 12, me))
 * ```
 *
 * @module
 */
export { accept, type RootOf } from './accept.ts'
export type {
  Acceptance,
  Against,
  Equivocation,
  Objection,
  UnitPhase,
  UnitState,
} from './acceptance.ts'
export { explain } from './explain.ts'
export {
  type AuditRule,
  type Distinct,
  type QuorumRule,
  quorumOf,
  type Rule,
  ruleSchema,
} from './rule.ts'
export { type FinalUnit, settleFinal } from './settle-final.ts'
export { compareVotes, type Vote } from './vote.ts'
export { isSettling, votesWanted, type Wanting } from './votes-wanted.ts'
