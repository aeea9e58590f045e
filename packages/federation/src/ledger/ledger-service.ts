/**
 * Puts this peer's ledger on the network: follows whoever is ahead, serves what it has, and hands
 * operations to the peer that makes them final.
 *
 * @module
 */
import { type Clock, FederationError, type Logger, type Metrics, type Timers } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import type { PeerPreset } from '../presets.ts'
import { ledgerSubmit } from '../services.ts'
import { followLedger, type LedgerFollowing } from './follow-ledger.ts'
import type { OpenedLedger, OpenLedgerInit } from './open-ledger.ts'
import { serveLedger } from './serve-ledger.ts'

export interface LedgerServiceInit {
  readonly ledger: OpenedLedger
  readonly exchange: Exchange
  readonly leads: boolean
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly metrics: Metrics
  readonly preset: Pick<PeerPreset, 'ledgerPollMs'>
  readonly topic: string
  /** Peers worth asking, best first. */
  readonly sources: () => readonly PeerId[]
  readonly changed: () => void
}

export interface LedgerService {
  /** Resolves when nobody that could be asked knows more. */
  catchUp(): Promise<void>
  /** True when somebody is known to have more. */
  behind(): boolean
  stop(): void
}

export function startLedgerService(init: LedgerServiceInit): LedgerService {
  const { ledger, exchange, logger } = init
  const following: LedgerFollowing | null =
    ledger.follower === null
      ? null
      : followLedger({
          follower: ledger.follower,
          sources: init.sources,
          fetch: serveLedger.fetchWith(exchange),
          timers: init.timers,
          logger,
          pollMs: init.preset.ledgerPollMs,
          advanced: init.changed,
          misled: (_source, verdict) => {
            if (!verdict.ok)
              logger.log('warn', 'a peer served a bad ledger entry', { code: verdict.fault.code })
            init.metrics.count('folkmoot_federation_misled_total')
          },
        })
  serveLedger.expose({
    expose: exchange.expose,
    exchange,
    ledger,
    leads: init.leads,
    clock: init.clock,
    topic: init.topic,
    told: (entry) => following?.told(entry),
  })
  return {
    catchUp: async () => following?.catchUp(),
    behind: () => following?.behind() ?? false,
    stop: () => following?.stop(),
  }
}

/** Hands an operation to `home`, which makes it final. */
export function forwardTo(home: PeerId, exchange: () => Exchange): OpenLedgerInit['forward'] {
  return async (operation) => {
    const answer = await exchange().call(home, ledgerSubmit, { operation }, { deadlineMs: 15_000 })
    return answer.ok ? { ok: true, height: answer.output.height } : answer
  }
}

/**
 * Records the founding charter, once.
 *
 * @throws FederationError `federation/found`
 */
export async function foundOnce(ledger: OpenedLedger, charter: Uint8Array): Promise<void> {
  if (ledger.state.state().founded) return
  const founded = await ledger.submit({ kind: 'federation.found', body: { charter } })
  if (!founded.ok) throw new FederationError('federation/found', founded.fault.message)
}
