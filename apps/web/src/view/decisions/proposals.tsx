/**
 * What waits for ballots, all that it would change, and this member's own ballot.
 *
 * @module
 */
import type { PageActions, ProposalView } from '../../view-model.ts'
import { type ChangeWords, changeWords, type NameOf } from '../../words/change-words.ts'
import { decisionWords as text } from '../../words/decision-words.ts'
import { Facts } from '../facts.tsx'
import { PeerId } from '../peer-id.tsx'

interface ProposalsProps {
  readonly proposals: readonly ProposalView[]
  readonly nameOf: NameOf
  readonly actions: PageActions
}

export function Proposals({ proposals, nameOf, actions }: ProposalsProps) {
  if (proposals.length === 0) return null
  return (
    <div class="proposals-part">
      <h3 id="proposals">{text.proposals}</h3>
      <ul class="proposals" aria-labelledby="proposals">
        {proposals.map((proposal) => (
          <Proposal key={proposal.id} proposal={proposal} nameOf={nameOf} actions={actions} />
        ))}
      </ul>
    </div>
  )
}

interface ProposalProps {
  readonly proposal: ProposalView
  readonly nameOf: NameOf
  readonly actions: PageActions
}

function Proposal({ proposal, nameOf, actions }: ProposalProps) {
  const { change, kind, by, rule, tally, left, open } = proposal
  const asked = changeWords(change, kind, nameOf)
  return (
    <li class="proposal">
      <p>
        <strong>{asked.title}</strong>
        <span class="muted small proposal-by">
          {text.proposedBy} <PeerId id={by} />
        </span>
      </p>
      <Particulars asked={asked} />
      <p class="muted small">
        {text.asks(rule, tally)}, {text.lapses(left)}
      </p>
      {open && <Ballot proposal={proposal} title={asked.title} actions={actions} />}
    </li>
  )
}

function Particulars({ asked: { lines, texts } }: { readonly asked: ChangeWords }) {
  return (
    <>
      {lines.length > 0 && (
        <ul class="proposal-lines">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {texts.map(({ label, before, after }) => (
        <details key={label} class="fold">
          <summary>{label}</summary>
          <Facts
            facts={[
              [text.change.before, before || '–'],
              [text.change.after, after || '–'],
            ]}
          />
        </details>
      ))}
    </>
  )
}

interface BallotProps {
  readonly proposal: ProposalView
  readonly title: string
  readonly actions: PageActions
}

/** What was said can be said otherwise as long as the proposal is open. */
function Ballot({ proposal: { id, mine }, title, actions }: BallotProps) {
  return (
    <div class="actions">
      {(['yes', 'no'] as const).map((said) => (
        <button
          key={said}
          type="button"
          class="secondary ballot"
          aria-label={`${text[said]}: ${title}`}
          aria-pressed={mine === said}
          onClick={() => {
            if (mine !== said) actions.castBallot({ proposal: id, yes: said === 'yes' })
          }}
        >
          {text[said]}
        </button>
      ))}
    </div>
  )
}
