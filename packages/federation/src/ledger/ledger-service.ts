/**
 * Puts this peer's ledger on the network: follows whoever is ahead, serves what it has, and hands
 * operations to the peer that makes them final.
 *
 * @module
 */
import {
  type Clock,
  type Logger,
  type Metrics,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import type { PeerPreset } from '../presets.ts'
import { ledgerSubmit } from '../services.ts'
import { followLedger, type LedgerFollowing } from './follow-ledger.ts'
import type { OpenedLedger, OpenLedgerInit } from './open-ledger.ts'
import { type ServeLedgerInit, serveLedger } from './serve-ledger.ts'

export interface LedgerServiceInit {
  readonly ledger: OpenedLedger
  readonly exchange: Exchange
  readonly me: PeerId
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly metrics: Metrics
  readonly preset: Pick<PeerPreset, 'ledgerPollMs'>
  readonly topic: string
  /** Peers worth asking, best first. */
  readonly sources: () => readonly PeerId[]
  readonly changed: () => void
  /** Told that an entry showed two decided histories, so that this copy has stopped, or may be of another. */
  readonly forked: () => void
  /** Takes what was told in place of an entry. */
  readonly heardOther: ServeLedgerInit['heardOther']
}

export interface LedgerService {
  /** Resolves when nobody that could be asked knows more. */
  catchUp(): Promise<void>
  /** True when somebody is known to have more. */
  behind(): boolean
  stop(): void
}

/**
 * A copy compares what is of its own epochs. Where an epoch ended twice, what comes after the other end is
 * of voters that are not known here, or has other names than those: whoever shows it may prove more.
 */
const mayBeFork = /^consensus.(fork|signature|certificate|epoch)$/

export function startLedgerService(init: LedgerServiceInit): LedgerService {
  const { ledger, exchange, logger } = init
  const following: LedgerFollowing = followLedger({
    follower: {
      get height() {
        return ledger.height
      },
      accept: async (entry) => {
        const verdict = await ledger.accept(entry)
        if (!verdict.ok && mayBeFork.test(verdict.fault.code)) init.forked()
        return verdict
      },
    },
    // What has stopped takes nothing more, whoever serves it.
    isIdle: () => !ledger.follows() || ledger.status().halted !== undefined,
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
    me: init.me,
    clock: init.clock,
    timers: init.timers,
    logger,
    topic: init.topic,
    heard: following.told,
    heardOther: init.heardOther,
  })
  return { catchUp: following.catchUp, behind: following.behind, stop: following.stop }
}

export interface ForwardInit {
  /** Peers that can make operations final, the most wanted first. */
  readonly targets: () => readonly PeerId[]
  readonly exchange: () => Exchange
  readonly clock: Clock
}

/** Until the operation is final, or nobody could make it so, in ms. */
const forwardMs = 20_000
/** No answer for so long and the next one is asked; the first may be alone with its question. */
const attemptMs = 8_000

/**
 * Hands an operation to whoever makes it final. Asking several is harmless: an operation has one
 * effect, under the hash of what was signed.
 */
export function forwardTo(init: ForwardInit): OpenLedgerInit['forward'] {
  return async (operation) => {
    const end = init.clock.now() + forwardMs
    let last: Verdict<never> = refuse('transport/unreachable', 'nobody who decides is in reach')
    for (let round = 0; init.clock.now() < end && round < maxForwardRounds; round++) {
      for (const target of init.targets()) {
        const left = end - init.clock.now()
        if (left <= 0) break
        const deadlineMs = Math.min(left, attemptMs)
        const answer = await init
          .exchange()
          .call(target, ledgerSubmit, { operation }, { deadlineMs })
        if (answer.ok) return { ok: true, height: answer.output.height }
        last = answer
        // What the ledger or a rule says would be said by every other voter too.
        if (!mayTryAnother.test(answer.fault.code)) return answer
      }
    }
    return last
  }
}

/** Two rounds: a voter that was restarting at the first is back at the second. */
const maxForwardRounds = 2
/** The target did not answer, stopped, or cannot decide just now. */
const mayTryAnother =
  /^(transport|calls|consensus)\/|^consensus-(raft\/(no-leader|not-proposed)|bft\/no-seat)$|^federation\/(not-leader|not-voter|stopped|busy|failed)$|^policy\/(not-exposed|busy)$/
