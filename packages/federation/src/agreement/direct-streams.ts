/**
 * Messages of agreement between two peers with a link: one stream in each direction of its own, one
 * frame a message. What cannot be handed over is dropped: engines repeat what matters.
 *
 * @module
 */
import { type Clock, errorMessage, type Logger, type Metrics, type Millis } from '@folkmoot/base'
import type { Urgency } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { FrameStream, Transport } from '@folkmoot/transport'

export const consensusProtocol = '/folkmoot/consensus/1'

/** A proposal of a full block with its justification; entries for catching up are cut to less. */
export const maxConsensusFrame = 2 * 1024 * 1024
/** Bytes that wait for a slow peer before the oldest go: two full blocks. */
const maxQueuedBytes = 4 * 1024 * 1024
const maxQueuedFrames = 4_096
/** Bytes that wait behind those, and come again by themselves, before no more are taken. */
const maxRepeatedBytes = 2 * 1024 * 1024
/** Both allowances are whole again after less. */
const forgetMs: Millis = 10_000
/** A dead peer is not dialled for every message. */
const retryMs = 1_000

/** What one peer may send. A voter's bound only holds a flood; everyone else just catches up. */
export interface Allowance {
  readonly frameBytes: number
  readonly messagesPerSecond: number
  readonly messagesAtOnce: number
}

export const voterAllowance: Allowance = {
  frameBytes: maxConsensusFrame,
  messagesPerSecond: 5_000,
  messagesAtOnce: 20_000,
}
export const memberAllowance: Allowance = {
  frameBytes: 16 * 1024,
  messagesPerSecond: 10,
  messagesAtOnce: 50,
}

export interface DirectStreamsInit {
  readonly transport: Pick<Transport, 'open' | 'handle' | 'links'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Voters of the epochs around now; they speak freely. */
  readonly isVoter: (peer: PeerId) => boolean
  readonly onMessage: (from: PeerId, bytes: Uint8Array) => void
}

export interface DirectStreams {
  /** True when it was taken; false where there is no link. */
  send(to: PeerId, bytes: Uint8Array, urgency?: Urgency): boolean
  stop(): void
}

interface FrameQueue {
  readonly frames: Uint8Array[]
  bytes: number
}

interface Outbound {
  readonly urgent: FrameQueue
  /** Goes when nothing urgent waits. */
  readonly repeated: FrameQueue
  stream: FrameStream | null
  running: boolean
  retryAt: number
}

export function openDirectStreams(init: DirectStreamsInit): DirectStreams {
  const { transport, clock, metrics, logger } = init
  const outbound = new Map<PeerId, Outbound>()
  const inbound = new Set<FrameStream>()
  const allowances = new Map<PeerId, { room: number; at: Millis }>()
  let stopped = false

  const dropped = (reason: string) =>
    metrics.count('folkmoot_federation_consensus_dropped_total', { reason })
  const isLinked = (peer: PeerId) => transport.links().some((link) => link.peer === peer)

  const drain = async (peer: PeerId, out: Outbound): Promise<void> => {
    out.running = true
    try {
      while (!stopped && out.urgent.frames.length + out.repeated.frames.length > 0) {
        out.stream ??= await transport.open(peer, consensusProtocol, {
          maxFrame: maxConsensusFrame,
        })
        // Chosen when the stream is open: what is urgent may have come meanwhile.
        const frame = take(out.urgent) ?? take(out.repeated)!
        await out.stream.send(frame)
        metrics.count('folkmoot_federation_consensus_sent_total', { path: 'direct' })
      }
    } catch (error) {
      logger.log('debug', 'a stream of agreement broke', { reason: errorMessage(error) })
      out.stream?.abort(new Error('broken'))
      out.stream = null
      out.retryAt = clock.now() + retryMs
      for (const queue of [out.urgent, out.repeated]) while (take(queue)) dropped('broken')
    } finally {
      out.running = false
      if (!isLinked(peer)) outbound.delete(peer)
    }
  }

  /** Of a peer, not of its streams: another one is opened in no time. */
  const mayHave = (peer: PeerId, { messagesPerSecond, messagesAtOnce }: Allowance): boolean => {
    const now = clock.now()
    for (const [other, { at }] of allowances.has(peer) ? [] : allowances) {
      // Whole again by now, whatever it had left.
      if (now - at > forgetMs) allowances.delete(other)
    }
    const { room, at } = allowances.get(peer) ?? { room: messagesAtOnce, at: now }
    const earned = (Math.max(0, now - at) * messagesPerSecond) / 1_000
    const left = Math.min(messagesAtOnce, room + earned)
    allowances.set(peer, { room: left < 1 ? left : left - 1, at: now })
    return left >= 1
  }

  const receive = async (stream: FrameStream): Promise<void> => {
    const { peer } = stream
    inbound.add(stream)
    try {
      for await (const frame of stream.frames()) {
        const allowance = init.isVoter(peer) ? voterAllowance : memberAllowance
        if (frame.length > allowance.frameBytes) {
          dropped('size')
          continue
        }
        if (!mayHave(peer, allowance)) {
          dropped('rate')
          continue
        }
        metrics.count('folkmoot_federation_consensus_received_total', { path: 'direct' })
        init.onMessage(peer, frame)
      }
    } catch (error) {
      logger.log('debug', 'a stream of agreement ended', { reason: errorMessage(error) })
    } finally {
      inbound.delete(stream)
      stream.abort(new Error('done'))
    }
  }

  const unhandle = transport.handle(consensusProtocol, (stream) => void receive(stream), {
    maxFrame: maxConsensusFrame,
    // One, and another while the first has not noticed yet that its link is gone.
    maxStreamsPerPeer: 4,
  })

  return {
    send: (to, bytes, urgency) => {
      if (stopped || !isLinked(to)) return false
      const out = outbound.get(to) ?? {
        urgent: { frames: [], bytes: 0 },
        repeated: { frames: [], bytes: 0 },
        stream: null,
        running: false,
        retryAt: 0,
      }
      outbound.set(to, out)
      if (out.retryAt > clock.now()) return false
      const { urgent, repeated } = out
      if (urgency === 'repeated') {
        const size = repeated.bytes + bytes.length
        if (size <= maxRepeatedBytes && repeated.frames.length < maxQueuedFrames)
          add(repeated, bytes)
        else dropped('slow')
      } else add(urgent, bytes)
      while (urgent.bytes > maxQueuedBytes || urgent.frames.length > maxQueuedFrames) {
        take(urgent)
        dropped('slow')
      }
      if (!out.running) void drain(to, out)
      return true
    },
    stop: () => {
      stopped = true
      unhandle()
      for (const { stream } of outbound.values()) stream?.abort(new Error('stopping'))
      for (const stream of inbound) stream.abort(new Error('stopping'))
    },
  }
}

function add(queue: FrameQueue, frame: Uint8Array): void {
  queue.frames.push(frame)
  queue.bytes += frame.length
}

function take(queue: FrameQueue): Uint8Array | undefined {
  const frame = queue.frames.shift()
  queue.bytes -= frame?.length ?? 0
  return frame
}
