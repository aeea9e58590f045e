/**
 * Looks at an amendment before it is proposed: a rule that nobody knows would leave the action to
 * the founder, and not everything that may stand in a charter has an effect.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { actionSchema, parseRule } from '@folkmoot/ledger'
import type { CliCode } from './codes.ts'

const actions: readonly string[] = actionSchema.options.map(({ entries }) => entries.kind.literal)

/** What this version goes by; others are recorded. */
const limits = ['members', 'voteKeyMs']

function usage(message: string, hint: string): never {
  throw new FederationError<CliCode>('cli/usage', message, { hint })
}

/** @throws FederationError `cli/usage` for an action or a rule that there is not */
export function checkRule(action: string, rule: unknown): void {
  if (!actions.includes(action)) {
    usage(`nobody asks for ${action}`, `the actions are ${actions.join(', ')}`)
  }
  if (typeof rule !== 'string' || (rule !== 'founder' && parseRule(rule).kind === 'founder')) {
    usage(`${rule} is no rule`, 'a rule is founder, member, inviter, evidence, or "2 of orgs"')
  }
}

/** What its proposer should know. @throws FederationError `cli/usage` as `checkRule` */
export function checkAmendment(changes: Readonly<Record<string, unknown>>): string[] {
  const notes: string[] = []
  for (const [action, rule] of Object.entries(changes.approval ?? {})) checkRule(action, rule)
  for (const field of ['approval', 'limits']) {
    if (field in changes)
      notes.push(`${field} takes the place of the whole field: what the file leaves out is gone`)
  }
  const idle = Object.keys(changes.limits ?? {}).filter((name) => !limits.includes(name))
  for (const name of idle) notes.push(`limit ${name} is recorded and has no effect`)
  if ('admission' in changes) notes.push('admission is recorded and has no effect: links admit')
  if (['purpose', 'contact', 'privacy'].some((field) => field in changes)) {
    notes.push(
      'the texts stand on the ledger; before Join the page shows those of the founding charter',
    )
  }
  return notes
}
