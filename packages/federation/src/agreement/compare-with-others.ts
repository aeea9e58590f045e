/**
 * Asks other peers what they can prove, so that nobody can keep a second history from this one: what
 * is here is compared with what they show, and two histories leave evidence.
 *
 * @module
 */
import type { Clock, Millis, Verdict } from '@folkmoot/base'
import {
  type CharterFacts,
  createLightClient,
  type EpochLink,
  encodeVoterSet,
  type LightPeer,
} from '@folkmoot/consensus'
import type { Checker, PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { ledgerHistory, ledgerNewest, ledgerVoters } from '../services.ts'
import { newestOf } from './answer-claims.ts'

export interface CompareInit {
  readonly me: PeerId
  readonly facts: CharterFacts
  readonly checker: Checker
  readonly clock: Clock
  readonly ledger: SharedLedger
  readonly exchange: Pick<Exchange, 'call'>
  /** Whom to ask. */
  readonly others: readonly PeerId[]
}

export interface Comparison {
  /** Of the others: those who answered, and those whose history is the one here. */
  readonly answered: number
  readonly confirmedBy: number
}

/** One question, in ms; and all that one peer is asked for. */
const answerMs: Millis = 5_000
const peerMs: Millis = 15_000

/** Refuses with `consensus/fork` and its evidence where two histories were decided. */
export async function compareWithOthers(init: CompareInit): Promise<Verdict<Comparison>> {
  const { me, checker, facts, others } = init
  if (others.length === 0) return { ok: true, answered: 0, confirmedBy: 0 }
  const light = createLightClient({ checker, facts })
  const silent = new Set<PeerId>()
  const peers = others.map((peer) => remote(init, peer, () => silent.add(peer)))
  const update = await light.update([here(me, init.ledger), ...peers])
  if (!update.ok) {
    if (update.fault.code === 'consensus/fork') return update
    return { ok: true, answered: others.length - silent.size, confirmedBy: 0 }
  }
  // Where this peer's own history could not be compared, nobody has confirmed it.
  const agree = update.confirmers.includes(me) ? update.confirmers.length - 1 : 0
  return { ok: true, answered: others.length - silent.size, confirmedBy: agree }
}

function here(me: PeerId, ledger: SharedLedger): LightPeer {
  return {
    peer: me,
    newest: async (from) => demand(await newestOf(ledger, from)),
    voters: async (epoch) => encodeVoterSet(demand(ledger.anchor().sets.setOf(epoch))),
    proveHistory: (height, under) => ledger.proveHistory(height, under),
  }
}

/** A peer behind a link. What it answers has the shape of an answer, and nothing more is known. */
function remote({ exchange, clock }: CompareInit, peer: PeerId, isSilent: () => void): LightPeer {
  const said = <T>(answer: Verdict<T>): Verdict<T> & { ok: true } => {
    if (answer.ok) return answer
    if (noAnswer.test(answer.fault.code)) isSilent()
    throw new Error(answer.fault.message)
  }
  const options = { deadlineMs: answerMs }
  return {
    peer,
    newest: async (from) => {
      const end = clock.now() + peerMs
      const links: EpochLink[] = []
      for (;;) {
        const answer = await exchange.call(
          peer,
          ledgerNewest,
          { from: from + links.length },
          options,
        )
        const { proof, more, links: next } = said(answer).output
        links.push(...next)
        if (!more) return { links, proof }
        if (next.length === 0 || clock.now() > end) throw new Error('it does not come to an end')
      }
    },
    voters: async (epoch) =>
      said(await exchange.call(peer, ledgerVoters, { epoch }, options)).output.set,
    proveHistory: async (height, under) =>
      said(await exchange.call(peer, ledgerHistory, { height, under }, options)).output,
  }
}

/** Gone, busy, older than these questions, or without a ledger yet: nothing was said. */
const noAnswer = /^(transport|calls|policy)\/|^federation\/(not-held|stopped|busy|stage-failed)$/

function demand<T>(held: T | undefined): T {
  if (held === undefined) throw new Error('not held here')
  return held
}
