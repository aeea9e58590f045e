/**
 * A relay that was started to vote accepts the seat that it is offered, by itself: whoever started
 * it with `--join` has agreed to that.
 *
 * @module
 */
import { errorMessage, type Logger } from '@folkmoot/base'
import type { Peer } from '@folkmoot/federation'

/** Looks now and after every decision; the returned function stops. */
export function acceptSeat(peer: Peer, logger: Logger): () => void {
  let busy = false
  const look = () => {
    const role = peer.ledger.state.state().voting.roles.get(peer.me)
    if (busy || role?.state !== 'offered') return
    busy = true
    peer.agreement
      .accept()
      .then((verdict) => {
        if (!verdict.ok) logger.log('warn', 'the seat was not taken', { code: verdict.fault.code })
      })
      .catch((error: unknown) =>
        logger.log('warn', 'the seat was not taken', { reason: errorMessage(error) }),
      )
      .finally(() => {
        busy = false
      })
  }
  look()
  return peer.ledger.onFinal(look)
}
