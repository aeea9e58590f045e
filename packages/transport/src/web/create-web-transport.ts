/**
 * The transport in a browser tab: WebSockets to relays, WebRTC to other tabs.
 *
 * @module
 */
import type { Logger, Metrics, Randomness, RawSigner } from '@folkmoot/base'
import { silentLogger, silentMetrics } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { webRTC } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { assembleTransport } from '../assemble-transport.ts'
import { diceFrom } from '../dice.ts'
import { startNode } from '../libp2p-node.ts'
import type { MeshConfig } from '../mesh-plan.ts'
import { resolveLimits, type TransportLimits, type TransportPreset } from '../presets.ts'
import { peerOfAddress } from '../relay-keeper.ts'
import { signalForwarder } from '../signalling/signal-forwarder.ts'
import type { Standing, Transport } from '../transport.ts'

export interface WebTransportInit {
  readonly signer: RawSigner
  /** Multiaddrs of the relays, each ending in its peer id. */
  readonly relays: readonly string[]
  /** Whether this browser has WebRTC and may use it; without it all links are relayed. */
  readonly webrtc: boolean
  /** STUN or TURN servers that the operator chose; default none. */
  readonly iceServers?: readonly RTCIceServer[]
  readonly preset?: TransportPreset
  readonly limits?: Partial<TransportLimits>
  readonly mesh?: Partial<Omit<MeshConfig, 'self'>>
  readonly gate: { readonly allow: (peer: PeerId) => Standing }
  readonly randomness: Randomness
  readonly log?: Logger
  readonly metrics?: Metrics
}

export async function createWebTransport(init: WebTransportInit): Promise<Transport> {
  const limits = resolveLimits(init.preset ?? 'local', {
    // Every peer of a tab has the address of its relay.
    colocationWeight: 0,
    ...init.limits,
  })
  const strangerProtocols = new Set<string>()
  const relayPeers = new Set(init.relays.map(peerOfAddress))
  const { allow } = init.gate
  const { log = silentLogger, metrics = silentMetrics } = init
  const parts = await startNode({
    signer: init.signer,
    limits,
    gate: {
      allow,
      isRelay: (peer) => relayPeers.has(peer),
      strangerProtocols,
      signalling: init.webrtc,
    },
    listen: init.webrtc ? ['/webrtc'] : [],
    transports: [
      webSockets(),
      ...(init.webrtc
        ? // Without `iceServers` libp2p contacts four public STUN servers.
          [webRTC({ rtcConfiguration: { iceServers: [...(init.iceServers ?? [])] } })]
        : []),
    ],
    services: init.webrtc ? { forwarder: signalForwarder({ allow, log, metrics }) } : {},
  })
  const transport = assembleTransport({
    parts,
    limits,
    allow,
    strangerProtocols,
    relays: init.relays,
    webrtc: init.webrtc,
    ...(init.mesh === undefined ? {} : { mesh: init.mesh }),
    dice: diceFrom(init.randomness),
    log,
    metrics,
  })
  return withWakeUps(transport)
}

/** A tab that slept, went offline or was hidden lost links without noticing: try again at once. */
function withWakeUps(transport: Transport): Transport {
  const awake = () => void transport.awake()
  const visible = () => {
    if (document.visibilityState === 'visible') transport.nudge()
  }
  globalThis.addEventListener('online', awake)
  document.addEventListener('resume', awake)
  document.addEventListener('visibilitychange', visible)
  return {
    ...transport,
    stop() {
      globalThis.removeEventListener('online', awake)
      document.removeEventListener('resume', awake)
      document.removeEventListener('visibilitychange', visible)
      return transport.stop()
    },
  }
}
