/**
 * A relay that was started to vote accepts the seat that it is offered, by itself: whoever started
 * it with `--join` has agreed to that.
 *
 * @module
 */
import { errorCode, errorMessage, type Logger } from '@folkmoot/base'
import type { Peer } from '@folkmoot/federation'

/** An epoch that turned while the word was on its way makes its key one for the past. */
const againMs = 1_000
/** What is refused for good is not asked for every second: each try is an operation. */
const maxAgainMs = 60_000

/**
 * Looks now, after every decision, and again where the seat was not taken: after a while, since
 * nothing may be decided for long and the offer stands; and at once when what it lacked is there, a
 * copy of the ledger in the epoch that has begun, or a link to somebody who decides. The returned
 * function stops.
 */
export function acceptSeat(peer: Peer, logger: Logger): () => void {
  const { ledger, transport } = peer
  let busy = false
  let again: NodeJS.Timeout | undefined
  let misses = 0
  /** Whether the last try reached nobody who decides: what the ledger refused, no link mends. */
  let isUnheard = false
  const isOffered = () => ledger.state.state().voting.roles.get(peer.me)?.state === 'offered'
  const missed = (code: string, reason: string) => {
    logger.log('warn', 'the seat was not taken', { code, reason })
    isUnheard = !code.startsWith('ledger/')
    clearTimeout(again)
    again = setTimeout(look, Math.min(maxAgainMs, againMs * 2 ** misses)).unref()
    misses += 1
  }
  const look = () => {
    if (busy || !isOffered()) return
    busy = true
    clearTimeout(again)
    const { epoch } = ledger.status()
    peer.agreement
      .accept()
      .then((verdict) => {
        if (verdict.ok) misses = 0
        else missed(verdict.fault.code, verdict.fault.message)
      })
      .catch((error: unknown) => missed(errorCode(error, 'federation/failed'), errorMessage(error)))
      .finally(() => {
        busy = false
        // It was heard of while the word was on its way.
        if (ledger.status().epoch !== epoch) look()
      })
  }
  const decidersLinked = () => {
    const voters = new Set(ledger.voters())
    return transport.links().flatMap((link) => (voters.has(link.peer) ? [link.peer] : []))
  }
  let linked = decidersLinked()
  const unlink = transport.onLinks(() => {
    const before = linked
    linked = decidersLinked()
    if (isUnheard && linked.some((each) => !before.includes(each))) look()
  })
  look()
  const unhear = ledger.onFinal(look)
  return () => {
    unlink()
    unhear()
    clearTimeout(again)
  }
}
