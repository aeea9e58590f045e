/**
 * Exposes what is answered to somebody who wants to know what is final without believing anybody;
 * the answers are in `answer-claims.ts`.
 *
 * @module
 */
import type { Exchange } from '../exchange/exchange.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { ledgerHistory, ledgerNewest, ledgerVoters } from '../services.ts'

/** A check asks each peer a few questions; nobody has to check every second. */
const exposure = { to: 'members', maxConcurrent: 16, ratePerMinute: 60 } as const
/** With all else that checking takes: most are never asked. */
const answers = () => import('./check-decision.ts')

export function serveClaims(exchange: Pick<Exchange, 'expose'>, ledger: SharedLedger): void {
  exchange.expose({
    capability: ledgerNewest,
    exposure,
    handler: async ({ from }) => (await answers()).answerNewest(ledger, from),
  })
  exchange.expose({
    capability: ledgerVoters,
    exposure,
    handler: async ({ epoch }) => (await answers()).answerVoters(ledger, epoch),
  })
  exchange.expose({
    capability: ledgerHistory,
    exposure,
    handler: async ({ height, under }) => (await answers()).answerHistory(ledger, height, under),
  })
}
