/**
 * Builds the {@link Transport} of either platform around a running libp2p node.
 *
 * @module
 */
import { errorMessage, FederationError, type Logger, type Metrics } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Connection, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createDialer, DIAL_MS, unreachable } from './dial-peers.ts'
import { DEFAULT_MAX_FRAME } from './frame-codec.ts'
import { frameStream } from './frame-stream.ts'
import type { NodeParts } from './libp2p-node.ts'
import { byPreference, isForSignalling, linkKind, linkOf } from './links.ts'
import { type MeshInit, startMesh } from './mesh.ts'
import type { TransportLimits } from './presets.ts'
import { keepRelays } from './relay-keeper.ts'
import { mayOpen } from './stream-gate.ts'
import { createTopics } from './topics.ts'
import type { FrameStream, LinkKind, Standing, Transport } from './transport.ts'
import { startUpkeep } from './upkeep.ts'

const OPEN_MS = 10_000

export interface AssembleInit {
  readonly parts: NodeParts
  readonly limits: TransportLimits
  readonly allow: (peer: PeerId) => Standing
  /** Shared with the gate, which is installed before the transport exists. */
  readonly strangerProtocols: Set<string>
  readonly relays: readonly string[]
  /** Whether this node can hold direct WebRTC links; only then it keeps a mesh. */
  readonly webrtc: boolean
  readonly mesh?: MeshInit['config']
  readonly dice: () => number
  readonly log: Logger
  readonly metrics: Metrics
}

export function assembleTransport(init: AssembleInit): Transport {
  const { parts, allow, log, metrics, dice } = init
  const { libp2p, gossip } = parts
  const self = libp2p.peerId.toString() as PeerId
  const listeners = new Set<() => void>()
  let stopped = false

  const relays = keepRelays({
    libp2p,
    circuit: parts.circuit,
    relays: init.relays,
    log,
    dice,
    onReserved: () => mesh.nudge(),
  })
  const upkeep = startUpkeep({
    parts,
    self,
    limits: init.limits,
    allow,
    isRelay: relays.isRelay,
    renewCircuit: (peer) => void dialer.circuit(peer, AbortSignal.timeout(DIAL_MS)).catch(() => {}),
    log,
  })
  const topics = createTopics({ gossip, allow, metrics })
  const mesh = startMesh({
    self,
    enabled: init.webrtc,
    config: init.mesh ?? {},
    dice,
    ready: () => relays.reserved().length > 0 || forwarders().length > 0,
    links: bestKinds,
    dial: (peer) => dialer.direct(peer, AbortSignal.timeout(DIAL_MS)),
    log,
  })

  const carriesAll = (connection: Connection) => !isForSignalling(connection, relays.isRelay)
  const connectionsOf = (peer: PeerId) =>
    byPreference(libp2p.getConnections(peerIdFromString(peer)).filter(carriesAll), upkeep.suspects)

  function bestKinds(): Map<PeerId, LinkKind> {
    const kinds = new Map<PeerId, LinkKind>()
    const connections = libp2p.getConnections().filter(carriesAll)
    for (const connection of byPreference(connections, upkeep.suspects)) {
      const peer = connection.remotePeer.toString() as PeerId
      if (!kinds.has(peer)) kinds.set(peer, linkKind(connection))
    }
    return kinds
  }

  /** Members that we are linked with directly: they carry signalling where no relay does. */
  const forwarders = () =>
    [...bestKinds()]
      .filter(([peer, kind]) => kind === 'direct' && allow(peer) === 'member')
      .map(([peer]) => ({ peer, rank: dice() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ peer }) => peer)

  const dialer = createDialer({
    libp2p,
    webrtc: init.webrtc,
    relays: relays.connected,
    forwarders,
    isForSignalling: (connection) => !carriesAll(connection),
    isLinked: (peer) => connectionsOf(peer).length > 0,
    assertAllowed,
    log,
  })

  const onLinkChange = () => {
    for (const listener of listeners) listener()
    mesh.tick()
  }
  const onOpen = ({ detail }: CustomEvent<Connection>) => {
    // Whoever is new may know the way to those that nobody else could reach.
    if (linkKind(detail) === 'direct' && relays.reserved().length === 0) mesh.nudge()
    onLinkChange()
  }
  libp2p.addEventListener('connection:open', onOpen)
  libp2p.addEventListener('connection:close', onLinkChange)

  function assertAllowed(peer: PeerId): void {
    if (stopped) throw new FederationError('transport/stopped', 'the transport was stopped')
    if (allow(peer) === 'revoked') {
      throw new FederationError('transport/revoked', 'the key of this peer was revoked')
    }
  }
  let waking: Promise<void> | undefined
  function nudge(): void {
    relays.nudge()
    mesh.nudge()
  }

  function wrap(
    stream: Stream,
    connection: Connection,
    maxFrame: number,
    maxUntrusted?: number,
  ): FrameStream {
    const peer = connection.remotePeer.toString() as PeerId
    return frameStream(stream, {
      peer,
      link: linkOf(connection),
      maxFrame,
      ...(maxUntrusted === undefined ? {} : { maxUntrusted }),
      onOffence: (error) => {
        metrics.count('folkmoot_transport_offences_total', { code: error.code })
        log.log('warn', 'hung up on a peer that broke the framing', { code: error.code })
        for (const other of libp2p.getConnections(connection.remotePeer)) other.abort(error)
      },
    })
  }

  /** All that a peer has opened to us, this one included. */
  function inboundStreams(connection: Connection, protocol: string): number {
    return libp2p
      .getConnections(connection.remotePeer)
      .flatMap(({ streams }) => streams)
      .filter((stream) => stream.direction === 'inbound' && stream.protocol === protocol).length
  }

  return {
    peer: self,
    addresses() {
      const circuits = relays
        .reserved()
        .map((relay) => `${relay}/p2p-circuit${init.webrtc ? '/webrtc' : ''}/p2p/${self}`)
      const own = libp2p.getMultiaddrs().map(String)
      return [...new Set([...own, ...circuits])]
    },
    links: () =>
      libp2p
        .getConnections()
        .filter((connection) => connection.status === 'open' && carriesAll(connection))
        .map(linkOf)
        // One that is only being told of its revocation.
        .filter(({ peer }) => allow(peer) !== 'revoked'),
    onLinks(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async dial(address, signal) {
      let target: ReturnType<typeof multiaddr>
      try {
        target = multiaddr(address)
      } catch (cause) {
        throw new FederationError('transport/address', 'not a multiaddr', { cause })
      }
      try {
        const bound = signal ?? AbortSignal.timeout(DIAL_MS)
        const connection = await libp2p.dial(target, { signal: bound })
        const peer = connection.remotePeer.toString() as PeerId
        assertAllowed(peer)
        return peer
      } catch (cause) {
        if (cause instanceof FederationError) throw cause
        throw unreachable(address, cause)
      }
    },
    dialPeer: dialer.any,
    async open(peer, protocol, options = {}) {
      assertAllowed(peer)
      const gate = { allow, isRelay: relays.isRelay, strangerProtocols: init.strangerProtocols }
      if (!mayOpen(gate, peer, protocol, 'outbound', false)) {
        throw new FederationError('transport/not-member', `${protocol} is for members`)
      }
      if (connectionsOf(peer).length === 0) await dialer.any(peer, options.signal)
      let last: unknown = new Error('no connection')
      for (const connection of connectionsOf(peer)) {
        try {
          const stream = await connection.newStream([protocol], {
            signal: AbortSignal.any([
              AbortSignal.timeout(OPEN_MS),
              ...(options.signal ? [options.signal] : []),
            ]),
            runOnLimitedConnection: true,
            maxOutboundStreams: 64,
          })
          return wrap(stream, connection, options.maxFrame ?? DEFAULT_MAX_FRAME)
        } catch (error) {
          last = error
        }
      }
      throw unreachable(peer, last)
    },
    handle(protocol, handler, options = {}) {
      if (options.strangers === true) init.strangerProtocols.add(protocol)
      const { timeoutMs } = options
      const ready = libp2p.handle(
        protocol,
        (stream, connection) => {
          const { maxStreamsPerStranger: most = Number.POSITIVE_INFINITY } = options
          const peer = connection.remotePeer.toString() as PeerId
          if (allow(peer) !== 'member' && inboundStreams(connection, protocol) > most) {
            stream.abort(new FederationError('transport/not-member', `${protocol} is for members`))
            return
          }
          const { maxFrame = DEFAULT_MAX_FRAME, maxUntrusted } = options
          const wrapped = wrap(stream, connection, maxFrame, maxUntrusted)
          if (timeoutMs !== undefined) {
            const timer = setTimeout(() => {
              wrapped.abort(new FederationError('transport/timeout', `${protocol} took too long`))
            }, timeoutMs)
            stream.addEventListener('close', () => clearTimeout(timer))
          }
          handler(wrapped)
        },
        {
          maxInboundStreams: options.maxStreamsPerPeer ?? 8,
          maxOutboundStreams: 64,
          runOnLimitedConnection: true,
        },
      )
      ready.catch((error) => log.log('error', 'no handler', { reason: errorMessage(error) }))
      return () => {
        init.strangerProtocols.delete(protocol)
        void libp2p.unhandle(protocol).catch(() => {})
      }
    },
    async hangUp(peer, why) {
      log.log('info', 'hanging up', { why })
      await libp2p.hangUp(peerIdFromString(peer)).catch(() => {})
    },
    publish: topics.publish,
    subscribe: topics.subscribe,
    setPeers: mesh.setPeers,
    refresh() {
      upkeep.refresh()
      relays.nudge()
      mesh.tick()
    },
    nudge,
    awake() {
      nudge()
      waking ??= upkeep.checkAll().finally(() => {
        waking = undefined
        // What turned out to be dead has left a gap.
        nudge()
      })
      return waking
    },
    async stop() {
      if (stopped) return
      stopped = true
      mesh.stop()
      relays.stop()
      upkeep.stop()
      libp2p.removeEventListener('connection:open', onOpen)
      libp2p.removeEventListener('connection:close', onLinkChange)
      await libp2p.stop()
    },
  }
}
