/**
 * What waits for ballots, and this member's own.
 *
 * @module
 */
import type { PageActions, ProposalView } from '../../view-model.ts'
import { words } from '../../words.ts'
import { PeerId } from '../peer-id.tsx'

interface ProposalsProps {
  readonly proposals: readonly ProposalView[]
  readonly actions: PageActions
}

export function Proposals({ proposals, actions }: ProposalsProps) {
  if (proposals.length === 0) return null
  return (
    <div class="proposals-part">
      <h3 id="proposals">{words.decisions.proposals}</h3>
      <ul class="proposals" aria-labelledby="proposals">
        {proposals.map((proposal) => (
          <Proposal key={proposal.id} proposal={proposal} actions={actions} />
        ))}
      </ul>
    </div>
  )
}

function Proposal({
  proposal,
  actions,
}: {
  readonly proposal: ProposalView
  readonly actions: PageActions
}) {
  const text = words.decisions
  const { id, mine } = proposal
  return (
    <li class="proposal">
      <p>
        <strong>{proposal.words}</strong>
        <span class="muted small proposal-by">
          {text.proposedBy} <PeerId id={proposal.by} />
        </span>
      </p>
      <p class="muted small">
        {proposal.rule}: {text.tally(proposal.yes, proposal.no)}, {text.lapses(proposal.expires)}
      </p>
      {mine !== null && <p class="small">{text.yours[mine]}</p>}
      {mine === null && proposal.open && (
        <div class="actions">
          <button
            type="button"
            class="secondary"
            aria-label={`${text.yes}: ${proposal.words}`}
            onClick={() => actions.castBallot({ proposal: id, yes: true })}
          >
            {text.yes}
          </button>
          <button
            type="button"
            class="secondary"
            aria-label={`${text.no}: ${proposal.words}`}
            onClick={() => actions.castBallot({ proposal: id, yes: false })}
          >
            {text.no}
          </button>
        </div>
      )}
    </li>
  )
}
