/**
 * What this browser does in agreement, and how its owner changes that.
 *
 * @module
 */
import type { PageActions, VotingRole } from '../../view-model.ts'
import { words } from '../../words.ts'

interface VoteOfferProps {
  readonly role: VotingRole
  readonly actions: PageActions
}

export function VoteOffer({ role, actions }: VoteOfferProps) {
  const text = words.decisions
  if (role === 'observer') return null
  if (role === 'offered') {
    return (
      <div class="card vote-offer">
        <h3>{text.offer.title}</h3>
        <p>{text.offer.text}</p>
        <div class="actions">
          <button type="button" class="primary" onClick={() => actions.acceptVote()}>
            {text.offer.accept}
          </button>
          <button type="button" class="secondary" onClick={() => actions.resignVote()}>
            {text.offer.decline}
          </button>
        </div>
      </div>
    )
  }
  return (
    <div class="card vote-offer settled">
      <p>{role === 'voter' ? text.voting : text.standby}</p>
      <div class="actions">
        <button type="button" class="secondary" onClick={() => actions.resignVote()}>
          {text.resign}
        </button>
      </div>
    </div>
  )
}
