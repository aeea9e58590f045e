/**
 * A manifest's rules in plain English.
 *
 * @module
 */
import type { FieldRule } from '@folkmoot/guard'
import type { Rule } from '@folkmoot/validation'

const number = new Intl.NumberFormat('en')

/** What one declared field may hold. */
export function declaredWords(rule: FieldRule): string {
  switch (rule.type) {
    case 'int':
      return rule.min === rule.max
        ? `the whole number ${number.format(rule.min)}`
        : `a whole number from ${number.format(rule.min)} to ${number.format(rule.max)}`
    case 'float':
      return `a number from ${number.format(rule.min)} to ${number.format(rule.max)}`
    case 'enum':
      return `one of ${rule.values.join(', ')}`
    case 'ints':
      return `up to ${number.format(rule.maxItems)} whole numbers from ${number.format(rule.min)} to ${number.format(rule.max)}`
  }
}

/** When a unit counts as accepted. */
export function ruleWords(rule: Rule): string {
  const who = rule.distinct === 'root' ? 'invited by different links' : 'with different keys'
  return rule.kind === 'quorum'
    ? `${rule.m} volunteers ${who} get exactly the same result`
    : `${rule.p / 10_000} % of the results, chosen at random, were confirmed by a second volunteer`
}
