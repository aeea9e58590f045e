/**
 * How an engine reaches the other voters: directly where there is a link, by gossip where there is
 * none, and everyone by gossip.
 *
 * @module
 */
import { type Clock, errorMessage, type Logger, type Metrics, type Millis } from '@folkmoot/base'
import type { ConsensusNetwork } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import type { Exchange } from '../exchange/exchange.ts'
import { consensusMessage } from '../services.ts'
import { openDirectStreams } from './direct-streams.ts'
import { admitVoters } from './voter-topic.ts'

export interface VoterNetworkInit {
  readonly me: PeerId
  readonly transport: Transport
  readonly exchange: Pick<Exchange, 'hear' | 'tell'>
  readonly topic: string
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly isMember: (peer: PeerId) => boolean
  /** Voters of the epoch before, of this one and of the next. */
  readonly isVoter: (peer: PeerId) => boolean
}

export interface VoterNetwork extends ConsensusNetwork {
  stop(): void
}

/** More fits in no record; what is larger waits for a link. */
const maxGossiped = 56 * 1024
const lifeMs: Millis = 30_000

export function openVoterNetwork(init: VoterNetworkInit): VoterNetwork {
  const { transport, exchange, topic, logger, metrics } = init
  const messages = new Set<(from: PeerId, bytes: Uint8Array) => void>()
  const arrivals = new Set<(peer: PeerId) => void>()
  const hand = (from: PeerId, bytes: Uint8Array) => {
    for (const listener of messages) {
      try {
        listener(from, bytes)
      } catch (error) {
        logger.log('error', 'an engine failed on a message', { reason: errorMessage(error) })
      }
    }
  }
  const direct = openDirectStreams({ ...init, onMessage: hand })

  const tell = (to: PeerId | null, message: Uint8Array) => {
    if (message.length > maxGossiped) {
      metrics.count('folkmoot_federation_consensus_dropped_total', { reason: 'size' })
      return
    }
    metrics.count('folkmoot_federation_consensus_sent_total', { path: 'gossip' })
    void exchange.tell(topic, consensusMessage, { to, message }, lifeMs).then((told) => {
      if (!told.ok) logger.log('debug', 'nobody heard a message', { code: told.fault.code })
    })
  }
  const unhear = exchange.hear(
    topic,
    consensusMessage,
    async ({ to, message }, from) => {
      if (to !== null && to !== init.me) return { ok: true }
      metrics.count('folkmoot_federation_consensus_received_total', { path: 'gossip' })
      hand(from, message)
      return { ok: true }
    },
    admitVoters(init.isVoter),
  )

  let linked = new Set<PeerId>()
  const linksChanged = () => {
    const now = new Set(transport.links().map((link) => link.peer))
    for (const peer of now) {
      if (!linked.has(peer)) for (const listener of arrivals) listener(peer)
    }
    linked = now
  }
  linksChanged()
  const unlink = transport.onLinks(linksChanged)

  return {
    send: (to, bytes, urgency) => {
      if (!direct.send(to, bytes, urgency)) tell(to, bytes)
    },
    publish: (bytes) => tell(null, bytes),
    onMessage: (listener) => {
      messages.add(listener)
      return () => messages.delete(listener)
    },
    onConnected: (listener) => {
      arrivals.add(listener)
      return () => arrivals.delete(listener)
    },
    connected: () => [...linked].filter(init.isMember),
    stop: () => {
      direct.stop()
      unhear()
      unlink()
      messages.clear()
      arrivals.clear()
    },
  }
}
