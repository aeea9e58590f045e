/**
 * A relay that was started to vote accepts the seat that it is offered, by itself: whoever started
 * it with `--join` has agreed to that.
 *
 * @module
 */
import { errorMessage, type Logger } from '@folkmoot/base'
import type { Peer } from '@folkmoot/federation'

/** An epoch that turned while the word was on its way makes its key one for the past. */
const againMs = 1_000

/**
 * Looks now, after every decision, and again where the seat was not taken: nothing may be decided
 * for a long while, and the offer stands. The returned function stops.
 */
export function acceptSeat(peer: Peer, logger: Logger): () => void {
  let busy = false
  let again: NodeJS.Timeout | undefined
  const isOffered = () => peer.ledger.state.state().voting.roles.get(peer.me)?.state === 'offered'
  const missed = (details: Readonly<Record<string, string>>) => {
    logger.log('warn', 'the seat was not taken', details)
    again = setTimeout(look, againMs).unref()
  }
  const look = () => {
    if (busy || !isOffered()) return
    busy = true
    clearTimeout(again)
    peer.agreement
      .accept()
      .then((verdict) => {
        if (!verdict.ok) missed({ code: verdict.fault.code })
      })
      .catch((error: unknown) => missed({ reason: errorMessage(error) }))
      .finally(() => {
        busy = false
      })
  }
  look()
  const unhear = peer.ledger.onFinal(look)
  return () => {
    unhear()
    clearTimeout(again)
  }
}
