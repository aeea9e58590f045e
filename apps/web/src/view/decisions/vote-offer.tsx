/**
 * What this browser does in agreement, and how its owner changes that.
 *
 * @module
 */
import { stoppedWords } from '../../notices.ts'
import type { LedgerView, OfferView, PageActions } from '../../view-model.ts'
import { decisionWords as text } from '../../words/decision-words.ts'

interface VoteOfferProps {
  readonly ledger: LedgerView
  readonly actions: PageActions
}

export function VoteOffer({ ledger, actions }: VoteOfferProps) {
  const { role, offer, stopped, seats, quorum } = ledger
  if (role === 'offered' && offer) return <Offer offer={offer} actions={actions} />
  if (role === 'observer' || role === 'offered') return null
  const own = seats.find(({ you }) => you)?.weight ?? 0
  const others = seats.reduce((sum, { weight }) => sum + weight, -own)
  const said =
    role === 'standby' || role === 'next'
      ? text[role]
      : role === 'stopped' && stopped
        ? `${stoppedWords(stopped).title}. ${stoppedWords(stopped).text}`
        : others < quorum
          ? text.needed
          : text.voting
  return (
    <div class="card vote-offer settled">
      <p>{said}</p>
      {!stopped?.all && (
        <div class="actions">
          <button type="button" class="secondary" onClick={() => actions.resignVote()}>
            {text.resign}
          </button>
        </div>
      )}
    </div>
  )
}

interface OfferProps {
  readonly offer: OfferView
  readonly actions: PageActions
}

function Offer({ offer: { seat, voters, tolerates }, actions }: OfferProps) {
  const { offer } = text
  return (
    <div class="card vote-offer">
      <h3>{seat ? offer.title : offer.titleStandby}</h3>
      <p>{offer.text}</p>
      <p>{seat ? offer.size(voters, tolerates) : offer.standby}</p>
      <div class="actions">
        <button type="button" class="primary" onClick={() => actions.acceptVote()}>
          {offer.accept}
        </button>
        <button type="button" class="secondary" onClick={() => actions.resignVote()}>
          {offer.decline}
        </button>
      </div>
    </div>
  )
}
