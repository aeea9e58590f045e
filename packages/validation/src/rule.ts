/**
 * The validation rule of a study: how many independent agreeing results make one right.
 *
 * @module
 */
import { intSchema } from '@folkmoot/codec'
import * as v from 'valibot'

/** What counts as one voice: a trust root (all uses of one invitation), or a key. */
export type Distinct = 'root' | 'peer'

/** Every unit is computed by `m` distinct voices that agree, and more of them than for any other output. */
export interface QuorumRule {
  readonly kind: 'quorum'
  /** Agreeing distinct voices needed, 1 to 64. */
  readonly m: number
  readonly distinct: Distinct
}

/** One voice is enough, some are checked by a second one, and a failed check rolls back. */
export interface AuditRule {
  readonly kind: 'audit'
  /** Share of units that dispatchers give to a second voice, in millionths. */
  readonly p: number
  /** A result is accepted after this many later results of its worker without a failed check. */
  readonly window: number
  readonly distinct: Distinct
}

export type Rule = QuorumRule | AuditRule

const distinctSchema = v.picklist(['root', 'peer'])

/** Checks a {@link Rule} inside a signed structure. */
export const ruleSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('quorum'), m: intSchema(1, 64), distinct: distinctSchema }),
  v.strictObject({
    kind: v.literal('audit'),
    p: intSchema(0, 1_000_000),
    window: intSchema(0, 100_000),
    distinct: distinctSchema,
  }),
])

/** Distinct agreeing voices that decide a unit by themselves: `m`, and 2 for a check of `audit`. */
export function quorumOf(rule: Rule): number {
  return rule.kind === 'quorum' ? rule.m : 2
}
