/**
 * A proposal as text: who asks, for what, and how it stands.
 *
 * @module
 */
import type { Proposal } from './admin-api.ts'
import { textFacts } from './text-table.ts'

/** All that somebody should see before they say yes; null is one that was carried and is gone already. */
export function textProposal(proposal: Proposal | null): string {
  if (proposal === null) return 'carried'
  const { id, by, byNickname, what, details, state, rule, yes, no, orgs, mine } = proposal
  const ofOrgs = rule.endsWith('of orgs') ? `; ${orgs} in favour` : ''
  return textFacts([
    ['proposal', id],
    ['by', `${byNickname} ${by}`.trim()],
    ['what', what],
    ...details,
    ['state', state],
    ['approved by', rule],
    ['ballots', `${yes.length} yes, ${no.length} no${ofOrgs}`],
    ['yours', mine ?? undefined],
    ['open for', state === 'open' ? `${proposal.decisionsLeft} more decisions` : undefined],
  ])
}
