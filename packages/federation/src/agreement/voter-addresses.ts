/**
 * Who votes tells whom it is linked with where it listens, and hears from them where the others do.
 *
 * Presence says the same by gossip, but some seconds later, and not to who comes late: voters that
 * know each other through one peer alone would be lost to each other once it is gone. What is passed
 * on are address records, signed by those they are about; the links prove the keys in any case.
 *
 * @module
 */
import { type Clock, errorMessage, type Logger, type Millis } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import {
  type Checker,
  type FederationId,
  openAddressRecord,
  type PeerId,
  type Signer,
  sealAddressRecord,
} from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import type { Exchange } from '../exchange/exchange.ts'
import { maxAddressRecords, voterAddresses } from '../services.ts'

export interface VoterAddressesInit {
  readonly fed: FederationId
  readonly signer: Signer
  readonly checker: Checker
  readonly clock: Clock
  readonly logger: Logger
  readonly exchange: Pick<Exchange, 'call' | 'expose'>
  readonly transport: Pick<Transport, 'links' | 'onLinks'>
  /** Everyone who votes, will, or was offered a seat. */
  readonly candidates: () => readonly PeerId[]
  readonly isMember: (peer: PeerId) => boolean
  /** Where this peer listens; empty where it does not. */
  readonly own: () => readonly string[]
  /** Somebody's addresses became known. */
  readonly changed: () => void
}

export interface VoterAddresses {
  /** Where a peer said that it listens; empty where it is not known. */
  of(peer: PeerId): readonly string[]
  /** Asks every candidate that is linked, of more than eight some; resolves when they have answered. */
  ask(): Promise<void>
  stop(): void
}

interface Kept {
  readonly bytes: Uint8Array
  readonly issued: Millis
  readonly addresses: readonly string[]
}

const answerMs: Millis = 10_000
const mostAsked = 8
/** Members beside the candidates: the state here may be behind the one of who passed them on. */
const mostOthers = 64

export function keepVoterAddresses(init: VoterAddressesInit): VoterAddresses {
  const { fed, signer, clock, exchange, transport } = init
  const me = signer.peer
  /** Those heard of last come last. */
  const kept = new Map<PeerId, Kept>()
  let own: { addresses: string; record: Promise<Uint8Array> } | undefined
  let stopped = false

  const ownRecord = async (): Promise<Uint8Array | null> => {
    const addresses = [...init.own()]
    if (addresses.length === 0) return null
    if (own?.addresses !== addresses.join()) {
      const record = sealAddressRecord(signer, { v: 1, fed, addresses, issued: clock.now() })
      own = { addresses: addresses.join(), record }
    }
    return own.record
  }

  const keep = async (bytes: Uint8Array): Promise<void> => {
    for (const each of kept.values()) if (equalBytes(each.bytes, bytes)) return
    const opened = await openAddressRecord(init.checker, bytes, { fed })
    if (!opened.ok) {
      init.logger.log('debug', 'an address record was refused', { code: opened.fault.code })
      return
    }
    const { peer, record } = opened
    if (peer === me || !init.isMember(peer) || record.issued <= (kept.get(peer)?.issued ?? -1))
      return
    kept.delete(peer)
    kept.set(peer, { bytes, issued: record.issued, addresses: record.addresses })
    trim()
    if (!stopped) init.changed()
  }
  const trim = () => {
    const candidates = new Set(init.candidates())
    const others = [...kept.keys()].filter((peer) => !candidates.has(peer))
    for (const peer of others.slice(0, -mostOthers)) kept.delete(peer)
  }

  exchange.expose({
    capability: voterAddresses,
    exposure: { to: 'members', maxConcurrent: 16, ratePerMinute: 30 },
    handler: async ({ record }, { from }) => {
      // First: of two that ask at once the second hears of the first.
      if (record !== null) await keep(record)
      const mine = await ownRecord()
      const theirs = init.candidates().flatMap((peer) => {
        const known = peer === from ? undefined : kept.get(peer)
        return known ? [known.bytes] : []
      })
      const records = [...(mine === null ? [] : [mine]), ...theirs].slice(0, maxAddressRecords)
      return { ok: true, output: { records } }
    },
  })

  const askOne = async (peer: PeerId): Promise<void> => {
    const input = { record: await ownRecord() }
    const answer = await exchange.call(peer, voterAddresses, input, { deadlineMs: answerMs })
    if (!answer.ok) {
      init.logger.log('debug', 'a voter told no addresses', { code: answer.fault.code })
      return
    }
    for (const bytes of answer.output.records) await keep(bytes)
  }
  const askAll = async (peers: readonly PeerId[]): Promise<void> => {
    try {
      await Promise.all(peers.slice(0, mostAsked).map(askOne))
    } catch (error) {
      init.logger.log('warn', 'addresses of voters', { reason: errorMessage(error) })
    }
  }

  const linkedCandidates = () => {
    const linked = new Set(transport.links().map(({ peer }) => peer))
    return init.candidates().filter((peer) => peer !== me && linked.has(peer))
  }
  let met = new Set<PeerId>()
  const meet = () => {
    if (stopped) return
    const now = linkedCandidates()
    const fresh = now.filter((peer) => !met.has(peer))
    met = new Set(now)
    void askAll(fresh)
  }
  const unlink = transport.onLinks(meet)
  meet()

  return {
    of: (peer) => kept.get(peer)?.addresses ?? [],
    ask: () => askAll(linkedCandidates()),
    stop: () => {
      stopped = true
      unlink()
    },
  }
}
