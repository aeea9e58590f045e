/**
 * Those who decide, as a row of seats: who signed the last decision, who is here.
 *
 * @module
 */
import type { SeatView } from '../../view-model.ts'
import { decisionWords as text } from '../../words/decision-words.ts'
import { words } from '../../words.ts'
import { PeerId } from '../peer-id.tsx'

interface SeatsProps {
  readonly seats: readonly SeatView[]
  /** False where signatures say nothing any more: nothing is ticked. */
  readonly trusted: boolean
}

export function Seats({ seats, trusted }: SeatsProps) {
  if (seats.length === 0) return null
  const unsigned = seats.some((seat) => seat.here && !seat.signed)
  return (
    <div class="seats-part">
      <h3 id="seats">{text.seats}</h3>
      <ul class="seats" aria-labelledby="seats">
        {seats.map((seat) => (
          <Seat key={seat.peer} seat={trusted ? seat : { ...seat, signed: false }} />
        ))}
      </ul>
      {trusted && unsigned && seats.length > 1 && <p class="muted small">{text.seatNote}</p>}
    </div>
  )
}

function Seat({ seat }: { readonly seat: SeatView }) {
  const state = !seat.here ? 'away' : seat.signed ? 'signed' : 'here'
  const said = seat.signed && !seat.here ? text.seat.signedAndAway : text.seat[state]
  return (
    <li class="seat" data-state={state}>
      <svg class="seat-mark" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
        <circle cx="11" cy="11" r="8.5" />
        {seat.signed && <path d="M7 11.4l2.8 2.8L15.2 8.4" />}
      </svg>
      <span class="seat-who">
        <PeerId id={seat.peer} nickname={seat.you ? words.peers.you : seat.nickname} />
        <span class="muted small">
          {said}
          {seat.weight > 1 && `, ${text.weight(seat.weight)}`}
        </span>
      </span>
    </li>
  )
}
