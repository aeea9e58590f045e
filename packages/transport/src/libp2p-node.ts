/**
 * The libp2p configuration that both platforms share, and access to the inner parts that the
 * gate and the relay keeper need.
 *
 * @module
 */
import type { RawSigner } from '@folkmoot/base'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import { FaultTolerance, type Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { gossipOptions } from './gossip-options.ts'
import { libp2pKey } from './libp2p-key.ts'
import type { TransportLimits } from './presets.ts'
import type { CircuitClient } from './relay-keeper.ts'
import {
  connectionGater,
  installStreamGate,
  type MiddlewareSource,
  type StreamGate,
} from './stream-gate.ts'

type TransportFactory = NonNullable<Libp2pOptions['transports']>[number]

export interface NodeParts {
  readonly libp2p: Libp2p
  readonly gossip: GossipSub
  readonly identify: Identify
  readonly circuit: CircuitClient
}

export interface NodePartsInit {
  readonly signer: RawSigner
  readonly limits: TransportLimits
  readonly gate: StreamGate
  readonly listen: readonly string[]
  readonly announce?: readonly string[]
  readonly transports: readonly TransportFactory[]
  /** Further services, such as the circuit relay server. */
  readonly services?: Readonly<Record<string, unknown>>
}

/** A direct connection is negotiated over a relay, which takes longer than libp2p's 6 s at worst. */
const ADDRESS_DIAL_MS = 12_000
/** Silence is noticed after one period and a failed ping. */
const PING_EVERY_MS = 3_000
/**
 * A class on one busy machine answers pings seconds late. Cut off for that, everyone dials, proves
 * and catches up anew, which keeps the machine busy: with 4 s, 19 peers on two loaded cores never
 * settled. A connection whose other end is gone closes by itself nearly always.
 */
const PING_MIN_MS = 15_000
const PING_MAX_MS = 30_000

/** Creates the node, installs the gate, and starts it. */
export async function startNode(init: NodePartsInit): Promise<NodeParts> {
  let circuit: CircuitClient | undefined
  let registrar: MiddlewareSource | undefined
  const libp2p = await createLibp2p({
    start: false,
    privateKey: libp2pKey(init.signer),
    addresses: {
      listen: [...init.listen],
      ...(init.announce === undefined ? {} : { announce: [...init.announce] }),
    },
    transports: [
      ...init.transports,
      (components) => {
        const transport = circuitRelayTransport()(components)
        circuit = transport as unknown as CircuitClient
        return transport
      },
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: connectionGater(init.gate),
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionMonitor: {
      pingInterval: PING_EVERY_MS,
      pingTimeout: { minTimeout: PING_MIN_MS, maxTimeout: PING_MAX_MS },
    },
    connectionManager: {
      inboundConnectionThreshold: init.limits.inboundPerSecond,
      maxIncomingPendingConnections: init.limits.inboundPending,
      maxConnections: init.limits.maxConnections,
      addressDialTimeout: ADDRESS_DIAL_MS,
      dialTimeout: ADDRESS_DIAL_MS + 3_000,
      reconnectRetries: 0,
    },
    services: {
      identify: identify(),
      // The connection monitor pings on its own; libp2p's one stream at a time would make our check
      // and its collide, and a failed ping cuts the connection.
      ping: ping({ maxInboundStreams: 8, maxOutboundStreams: 8 }),
      pubsub: gossipsub(gossipOptions(init.limits)) as never,
      ...(init.services as Record<string, never>),
      inner: ((components: { registrar: MiddlewareSource }) => {
        registrar = components.registrar
        return {}
      }) as never,
    },
  })
  installStreamGate(registrar!, init.gate)
  await libp2p.start()
  const services = libp2p.services as unknown as { pubsub: GossipSub; identify: Identify }
  return {
    libp2p: libp2p as unknown as Libp2p,
    gossip: services.pubsub,
    identify: services.identify,
    circuit: circuit!,
  }
}
