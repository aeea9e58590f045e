/**
 * The transport in Node: TCP and WebSockets, and for a relay the circuit server.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as SocketServer } from 'node:net'
import type { Logger, Metrics, Millis, Randomness, RawSigner } from '@folkmoot/base'
import { FederationError, silentLogger, silentMetrics } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { type CircuitRelayService, circuitRelayServer } from '@libp2p/circuit-relay-v2'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { assembleTransport } from '../assemble-transport.ts'
import type { TransportCode } from '../codes.ts'
import { diceFrom } from '../dice.ts'
import { startNode } from '../libp2p-node.ts'
import {
  type RelayLimits,
  resolveLimits,
  type TransportLimits,
  type TransportPreset,
} from '../presets.ts'
import { peerOfAddress } from '../relay-keeper.ts'
import type { Standing, Transport } from '../transport.ts'
import { believeProxy } from './forwarded-address.ts'
import { type SilentSockets, watchSilentSockets } from './silent-sockets.ts'

const DROP_EVERY_MS: Millis = 100

export interface NodeTransportInit {
  readonly signer: RawSigner
  /** Multiaddrs to listen on, such as `/ip4/127.0.0.1/tcp/4600/ws`; port 0 takes a free one. */
  readonly listen: readonly string[]
  /** What to tell others instead of the listening addresses, behind a proxy. */
  readonly announce?: readonly string[]
  /** Serve as a circuit relay, within these limits. */
  readonly relay?: RelayLimits | undefined
  /** A reverse proxy stands before the WebSocket ports and says whom it speaks for. */
  readonly behindProxy?: boolean
  /** Relays to stay connected to and reserved on, multiaddrs that end in a peer id. */
  readonly relays?: readonly string[]
  readonly preset?: TransportPreset
  readonly limits?: Partial<TransportLimits>
  readonly gate: { readonly allow: (peer: PeerId) => Standing }
  readonly randomness: Randomness
  readonly log?: Logger
  readonly metrics?: Metrics
  /** Answers plain HTTP on the WebSocket ports, so that page and relay share one. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void
}

/** @throws FederationError `transport/listen` */
export async function createNodeTransport(init: NodeTransportInit): Promise<Transport> {
  const limits = resolveLimits(init.preset ?? 'local', { ...init.limits, ...init.relay })
  const strangerProtocols = new Set<string>()
  const relayPeers = new Set((init.relays ?? []).map(peerOfAddress))
  const { allow } = init.gate
  const parts = await startNode({
    signer: init.signer,
    limits,
    gate: {
      allow,
      isRelay: (peer) => relayPeers.has(peer),
      strangerProtocols,
      signalling: false,
    },
    listen: init.listen,
    ...(init.announce === undefined ? {} : { announce: init.announce }),
    transports: [
      tcp({ inboundSocketInactivityTimeout: 60_000, outboundSocketInactivityTimeout: 60_000 }),
      webSockets(),
    ],
    services: init.relay === undefined ? {} : { relay: relayServer(limits) },
  })
  await mustListen(parts.libp2p, init.listen)
  if (init.relay !== undefined) freeReservations(parts.libp2p)
  if (init.onRequest !== undefined) serveHttp(parts.libp2p, init.onRequest)
  if (init.behindProxy) {
    for (const { http } of listenersOf(parts.libp2p)) if (http) believeProxy(http)
  }
  const silent = watchSilentSockets(listenersOf(parts.libp2p).flatMap(({ server }) => server ?? []))
  const transport = assembleTransport({
    parts,
    limits,
    allow,
    strangerProtocols,
    relays: init.relays ?? [],
    webrtc: false,
    dice: diceFrom(init.randomness),
    log: init.log ?? silentLogger,
    metrics: init.metrics ?? silentMetrics,
  })
  return { ...transport, stop: () => stopAll(transport, silent) }
}

async function stopAll(transport: Transport, silent: SilentSockets): Promise<void> {
  // Again and again: until the listener is closed another one may come.
  const timer = setInterval(() => silent.drop(), DROP_EVERY_MS)
  silent.drop()
  await transport.stop().finally(() => clearInterval(timer))
}

function relayServer(limits: TransportLimits): unknown {
  return circuitRelayServer({
    maxInboundHopStreams: 1_024,
    maxOutboundHopStreams: 1_024,
    maxOutboundStopStreams: 1_024,
    reservations: {
      maxReservations: limits.maxReservations,
      defaultDataLimit: BigInt(limits.circuitBytes),
      defaultDurationLimit: limits.circuitMs,
    },
  })
}

/** libp2p keeps a closed tab's reservation for two hours; a busy relay would fill up with them. */
function freeReservations(libp2p: Libp2p): void {
  const relay = (libp2p.services as unknown as { relay: CircuitRelayService }).relay
  libp2p.addEventListener('peer:disconnect', (event) => {
    const reservation = relay.reservations.get(event.detail)
    if (reservation === undefined) return
    relay.reservations.delete(event.detail)
    // Its expiry would otherwise delete a later reservation of the same peer.
    reservation.signal.clear?.()
  })
}

/** libp2p starts all the same where it could take one address of several: nobody would find this peer at the others. */
async function mustListen(libp2p: Libp2p, wanted: readonly string[]): Promise<void> {
  const taken = allListeners(libp2p).filter((listener) => listener.getAddrs().length > 0)
  if (taken.length >= wanted.length) return
  await libp2p.stop()
  const message = `another program listens on one of ${wanted.join(' and ')}`
  throw new FederationError<TransportCode>('transport/listen', message)
}

/** The parts of libp2p's listeners that its types leave out; only the WebSocket one has `http`. */
interface InnerListener {
  getAddrs(): readonly unknown[]
  readonly http?: Server
  readonly server?: SocketServer
}

function listenersOf(libp2p: Libp2p): InnerListener[] {
  return allListeners(libp2p).filter(({ http }) => http !== undefined)
}

function allListeners(libp2p: Libp2p): InnerListener[] {
  const inner = libp2p as unknown as {
    components: { transportManager: { getListeners(): InnerListener[] } }
  }
  return inner.components.transportManager.getListeners()
}

/** libp2p's WebSocket listener owns its HTTP server and answers plain requests with 400. */
function serveHttp(libp2p: Libp2p, onRequest: NonNullable<NodeTransportInit['onRequest']>): void {
  for (const { http } of listenersOf(libp2p)) {
    http?.removeAllListeners('request')
    http?.on('request', onRequest)
  }
}
