/**
 * Members reach each other over libp2p: Noise over TCP, one stream in each direction. A delay can be
 * added to every message, as if the members were further apart.
 *
 * @module
 */
import type { ConsensusNetwork } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { FrameStream, Transport } from '@folkmoot/transport'

const protocol = '/bench/agreement/1'
const maxFrame = 2 * 1024 * 1024

export interface MemberNetwork extends ConsensusNetwork {
  /** Messages sent so far. */
  readonly sent: number
}

export function memberNetwork(
  transport: Transport,
  others: readonly PeerId[],
  delayMs: number,
): MemberNetwork {
  const listeners = new Set<(from: PeerId, bytes: Uint8Array) => void>()
  const streams = new Map<PeerId, Promise<FrameStream>>()
  let sent = 0

  transport.handle(
    protocol,
    async (stream) => {
      try {
        for await (const frame of stream.frames()) {
          for (const listener of listeners) listener(stream.peer, frame)
        }
      } catch {
        // The other member has stopped.
      }
    },
    { maxFrame, maxStreamsPerPeer: 2 },
  )
  const hand = (to: PeerId, bytes: Uint8Array) => {
    const stream = streams.get(to) ?? transport.open(to, protocol, { maxFrame })
    streams.set(to, stream)
    void stream.then((open) => open.send(bytes)).catch(() => streams.delete(to))
  }
  const send = (to: PeerId, bytes: Uint8Array) => {
    sent += 1
    if (delayMs > 0) setTimeout(() => hand(to, bytes), delayMs)
    else hand(to, bytes)
  }
  return {
    get sent() {
      return sent
    },
    send,
    onMessage: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onConnected: () => () => {},
    publish: (bytes) => {
      for (const peer of others) send(peer, bytes)
    },
    connected: () => others,
  }
}
