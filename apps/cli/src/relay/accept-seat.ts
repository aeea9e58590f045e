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
/** What is refused for good is not asked for every second: each try is an operation. */
const maxAgainMs = 60_000

/**
 * Looks now, after every decision, and again where the seat was not taken: nothing may be decided
 * for a long while, and the offer stands. The returned function stops.
 */
export function acceptSeat(peer: Peer, logger: Logger): () => void {
  let busy = false
  let again: NodeJS.Timeout | undefined
  let misses = 0
  const isOffered = () => peer.ledger.state.state().voting.roles.get(peer.me)?.state === 'offered'
  const missed = (details: Readonly<Record<string, string>>) => {
    logger.log('warn', 'the seat was not taken', details)
    clearTimeout(again)
    again = setTimeout(look, Math.min(maxAgainMs, againMs * 2 ** misses)).unref()
    misses += 1
  }
  const look = () => {
    if (busy || !isOffered()) return
    busy = true
    clearTimeout(again)
    peer.agreement
      .accept()
      .then((verdict) => {
        if (verdict.ok) misses = 0
        else missed({ code: verdict.fault.code })
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
