/**
 * libp2p in a tab with the same modules as ours and nothing of ours above it.
 *
 * @module
 */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webRTC } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { echoProtocol, pourProtocol, serveEcho, servePour, streamLine } from '../wires/byte-line.ts'

export interface BareTab {
  /** Where another tab finds this one, through the relay. */
  readonly address: string
  /** Opens a stream on a new or the existing connection. */
  open(address: string, protocol: string): Promise<Stream>
  /** Connects without opening a stream. */
  dial(address: string): Promise<void>
}

/** Starts a node and waits until it can be found: that is its "Joined". */
export async function startBareTab(relay: string, webrtc: boolean): Promise<BareTab> {
  const node = (await createLibp2p({
    addresses: { listen: [`${relay}/p2p-circuit`, ...(webrtc ? ['/webrtc'] : [])] },
    transports: [
      webSockets(),
      circuitRelayTransport(),
      // Without `iceServers` libp2p contacts public STUN servers.
      ...(webrtc ? [webRTC({ rtcConfiguration: { iceServers: [] } })] : []),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() },
  })) as unknown as Libp2p
  const limits = { maxInboundStreams: 64, runOnLimitedConnection: true }
  await node.handle(echoProtocol, (stream) => serveEcho(streamLine(stream)), limits)
  await node.handle(pourProtocol, (stream) => servePour(streamLine(stream)), limits)
  const part = webrtc ? '/p2p-circuit/webrtc/' : '/p2p-circuit/'
  const own = () =>
    node
      .getMultiaddrs()
      .map(String)
      .find((address) => address.includes(part))
  while (own() === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
  return {
    address: own()!,
    open: (address, protocol) =>
      node.dialProtocol(multiaddr(address), protocol, { runOnLimitedConnection: true }),
    dial: async (address) => void (await node.dial(multiaddr(address))),
  }
}
