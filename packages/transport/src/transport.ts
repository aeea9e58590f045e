/**
 * What the rest of Folkmoot sees of the network: links, framed streams and topics, each tied to a
 * proven key. The Node and the web node implement the same interface.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'

/** What the ledger and the receipts say about a key, asked anew at each use. */
export type Standing = 'member' | 'unknown' | 'revoked'

/**
 * `direct`: WebRTC without a relay in the data path; `relayed`: a circuit through a relay;
 * `websocket` and `tcp`: to or from a server.
 */
export type LinkKind = 'direct' | 'relayed' | 'websocket' | 'tcp'

/** One open connection to a peer whose key was proven. */
export interface Link {
  readonly peer: PeerId
  readonly kind: LinkKind
  /** Last measured round trip in ms; undefined until the first ping returned. */
  readonly rttMs: number | undefined
  /** When the connection opened, in ms since the epoch. */
  readonly since: Millis
  readonly id: string
}

/** A two-way stream of whole frames. */
export interface FrameStream {
  readonly peer: PeerId
  readonly link: Link
  readonly protocol: string
  /**
   * Sends one frame; resolves when the link has taken it, so awaiting gives back pressure towards
   * the link (not towards the reader's code: that needs credits, see `calls`).
   * @throws FederationError `transport/closed`
   */
  send(frame: Uint8Array): Promise<void>
  /**
   * Frames as they arrive; ends when the other side has finished cleanly. One reader only.
   * @throws FederationError `transport/closed`, `transport/frame`, `transport/overrun`
   */
  frames(): AsyncIterable<Uint8Array>
  /** Says that no more frames will be sent; the other side may still send. */
  close(): Promise<void>
  /** Lifts `maxUntrusted`: the other side has shown that it may speak here. */
  trust(): void
  /** Ends both directions at once. */
  abort(reason: Error): void
}

export interface HandleOptions {
  /** Largest frame accepted, in bytes; default 1 MiB. */
  readonly maxFrame?: number
  /**
   * Bound on each frame, and on all that waits for the reader, until the stream is trusted; default
   * none of its own.
   */
  readonly maxUntrusted?: number
  /** Streams of this protocol that one connection may hold open; default 8. */
  readonly maxStreamsPerPeer?: number
  /** The same for a peer that is not a member, over all its connections; default as for members. */
  readonly maxStreamsPerStranger?: number
  /** Also for peers whose standing is `unknown`; default false. */
  readonly strangers?: boolean
  /** Cuts a stream that is still open after this long; default never. */
  readonly timeoutMs?: Millis
}

export interface TopicOptions {
  /** Largest message on this topic, in bytes. */
  readonly maxBytes: number
  /**
   * Judges a message before it is forwarded. `reject` only what every honest forwarder would
   * refuse: it is charged to `forwarder`, and six of them silence it.
   */
  readonly validate: (
    bytes: Uint8Array,
    forwarder: PeerId,
  ) => Promise<'accept' | 'ignore' | 'reject'>
  readonly deliver: (bytes: Uint8Array, forwarder: PeerId) => void
}

/** A running libp2p node, gated by membership. */
export interface Transport {
  readonly peer: PeerId
  /** Addresses under which others can dial this node, multiaddrs that end in its peer id. */
  addresses(): string[]
  links(): readonly Link[]
  /** Calls back after links opened, closed or changed their kind; returns the way to stop. */
  onLinks(listener: () => void): () => void
  /**
   * Connects to a multiaddr and returns the proven key behind it.
   * @throws FederationError `transport/address`, `transport/unreachable`, `transport/revoked`
   */
  dial(address: string, signal?: AbortSignal): Promise<PeerId>
  /**
   * Connects to a peer by its key: by known addresses, else WebRTC through a relay, else a circuit.
   * @throws FederationError `transport/unreachable`, `transport/revoked`
   */
  dialPeer(peer: PeerId, signal?: AbortSignal): Promise<void>
  /** @throws FederationError `transport/unreachable`, `transport/not-member`, `transport/revoked` */
  open(
    peer: PeerId,
    protocol: string,
    options?: { readonly signal?: AbortSignal; readonly maxFrame?: number },
  ): Promise<FrameStream>
  /** Serves a protocol; returns the way to stop. */
  handle(
    protocol: string,
    handler: (stream: FrameStream) => void,
    options?: HandleOptions,
  ): () => void
  /** Closes every connection to a peer. */
  hangUp(peer: PeerId, why: string): Promise<void>
  /** @throws FederationError `transport/too-large` when the topic is subscribed with a bound */
  publish(topic: string, bytes: Uint8Array): Promise<void>
  /** Joins a topic; returns the way to leave. One subscription per topic. */
  subscribe(topic: string, options: TopicOptions): () => void
  /**
   * The peers of the federation that this node should keep links with, besides relays; `waiting`: those
   * of them that leave the first dial to us, by default those with a higher id.
   */
  setPeers(peers: readonly PeerId[], waiting?: ReadonlySet<PeerId>): void
  /** Asks the gate again about `peer`, or everyone: call it after an admission or a revocation. */
  refresh(peer?: PeerId): void
  /** Tries everything that is waiting for a retry now: after becoming visible. */
  nudge(): void
  /**
   * After a sleep, `online` or `resume`, when links may have died unnoticed: retries everything and
   * asks every link for a sign of life. Resolves when each has answered or was cut.
   */
  awake(): Promise<void>
  stop(): Promise<void>
}
