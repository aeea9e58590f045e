/**
 * Asks the members that a voter is linked to whether they stopped at a fork. Proof of one is told
 * once: a voter that was cut off then, or was starting, would go on to vote beside those who lied.
 * Whoever stopped answers with it for good, after a restart too.
 *
 * @module
 */
import type { Millis, Timers, Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import type { Exchange } from '../exchange/exchange.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { ledgerEntries } from '../services.ts'

/** What a peer does with proof of a fork. */
export interface ForkHearing {
  /** Takes what a member says instead of an entry. */
  readonly heardOther: (bytes: Uint8Array, from: PeerId) => Promise<Verdict>
  /** Names who forked, and tells the proof. */
  readonly forked: () => void
}

export interface AskForForksInit extends ForkHearing {
  readonly transport: Pick<Transport, 'links' | 'onLinks'>
  readonly exchange: Pick<Exchange, 'call'>
  readonly ledger: Pick<SharedLedger, 'status'>
  readonly isMember: (peer: PeerId) => boolean
  readonly timers: Timers
}

/** Between two rounds, for what went astray on links that are up. */
const roundMs: Millis = 30_000
/** Members that are asked at once; the rest in the rounds after. */
const maxAtOnce = 16
const answerMs: Millis = 10_000
/** Above every height: the answer is proof of a fork, or empty. */
const aboveAll = Number.MAX_SAFE_INTEGER

export function askForForks(init: AskForForksInit): { stop(): void } {
  const { exchange, ledger, transport } = init
  /** Whom this voter has asked since they were linked, the longest ago first. */
  const asked = new Set<PeerId>()
  let isStopped = false

  const ask = async (peer: PeerId): Promise<void> => {
    asked.delete(peer)
    asked.add(peer)
    const options = { deadlineMs: answerMs }
    const answer = await exchange.call(peer, ledgerEntries, { from: aboveAll }, options)
    const [evidence] = answer.ok ? answer.output.entries : []
    if (!evidence || isStopped) return
    const taken = await init.heardOther(evidence, peer)
    if (taken.ok) init.forked()
  }
  const look = (isRound: boolean): void => {
    if (isStopped || ledger.status().halted) return
    const here = new Set(transport.links().map(({ peer }) => peer))
    for (const peer of asked) if (!here.has(peer)) asked.delete(peer)
    const fresh = [...here].filter((peer) => !asked.has(peer) && init.isMember(peer))
    const next = isRound ? [...fresh, ...asked] : fresh
    // Who does not answer, or proves nothing, is asked again in its turn.
    for (const peer of next.slice(0, maxAtOnce)) ask(peer).catch(() => {})
  }
  const unhear = transport.onLinks(() => look(false))
  const cancel = init.timers.every(roundMs, () => look(true))
  look(false)

  return {
    stop: () => {
      isStopped = true
      unhear()
      cancel()
    },
  }
}
