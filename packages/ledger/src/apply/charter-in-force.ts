/**
 * The charter as its amendments left it. The federation's id stays that of the founding charter.
 *
 * @module
 */
import type { Amendment, Charter } from '@folkmoot/identity'
import type { Facts } from '../fact-store.ts'
import type { AmendmentFact } from '../voting-facts.ts'
import { type Applied, type Context, done } from './context.ts'

const merged = new WeakMap<AmendmentFact, Charter>()

export function charterInForce(founding: Charter, facts: Pick<Facts, 'amendment'>): Charter {
  const fact = facts.amendment.get('')
  if (!fact) return founding
  const known = merged.get(fact)
  if (known) return known
  const charter = { ...founding, ...fact.changes }
  merged.set(fact, charter)
  return charter
}

export function amendCharter(context: Context, changes: Amendment): Applied {
  const { facts, id, at } = context
  const before = facts.amendment.get('')
  facts.amendment.set('', {
    changes: { ...before?.changes, ...changes },
    times: (before?.times ?? 0) + 1,
    proposal: id,
    height: at.height,
  })
  return done
}
