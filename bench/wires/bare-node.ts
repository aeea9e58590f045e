/**
 * libp2p with the same modules as ours and nothing of ours above it, in Node.
 *
 * @module
 */
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'

/** A node on loopback; with `listen` it also serves as a circuit relay for tabs. */
export async function bareNode(listen: readonly string[] = []): Promise<Libp2p> {
  const relay = circuitRelayServer({
    maxInboundHopStreams: 256,
    maxOutboundHopStreams: 256,
    maxOutboundStopStreams: 256,
    reservations: {
      maxReservations: 256,
      defaultDataLimit: 2n ** 32n,
      defaultDurationLimit: 3_600_000,
    },
  })
  return (await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000 },
    services: { identify: identify(), ...(listen.length === 0 ? {} : { relay: relay as never }) },
  })) as unknown as Libp2p
}
