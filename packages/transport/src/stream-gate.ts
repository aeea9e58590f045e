/**
 * Who may open which protocol. libp2p's gater sees connections only; this sees every stream, of
 * libp2p's own protocols too, in both directions.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import {
  type Connection,
  type ConnectionGater,
  type Stream,
  type StreamMiddleware,
  UnsupportedProtocolError,
} from '@libp2p/interface'
import { isForSignalling } from './links.ts'
import { createRateLimit } from './rate-limit.ts'
import { HOP_PROTOCOL, STOP_PROTOCOL } from './signalling/circuit-messages.ts'
import type { Standing } from './transport.ts'

const JOIN_PROTOCOL = '/folkmoot/join/1'
export const CALL_PROTOCOL = '/folkmoot/call/1'
export const SYNC_PROTOCOL = '/folkmoot/sync/1'

const SIGNALLING = '/webrtc-signaling/0.0.1'

/** What a key without standing may open: it must be able to say who it is and to ask to join. */
const openToStrangers = new Set([
  '/ipfs/id/1.0.0',
  '/ipfs/id/push/1.0.0',
  '/ipfs/ping/1.0.0',
  JOIN_PROTOCOL,
])

/** What a revoked key may open where joining is served, so that it is told why nobody answers it. */
const openToRevoked = new Set(['/ipfs/id/1.0.0', '/ipfs/ping/1.0.0'])

/** Connections that a revoked key is granted, to hear its refusal. */
const REVOKED_PER_SECOND = 1 / 20
const REVOKED_BURST = 3

/** Circuits that one member may bring us: a class of tabs finds each other anew. */
const CIRCUITS_PER_SECOND = 1
const CIRCUITS_BURST = 24

export interface StreamGate {
  readonly allow: (peer: PeerId) => Standing
  /** Whether we use this peer as our relay. */
  readonly isRelay: (peer: PeerId) => boolean
  /** Protocols that their handler opened to strangers. */
  readonly strangerProtocols: ReadonlySet<string>
  /** Whether circuits through other members are taken, for signalling alone: in a tab. */
  readonly signalling: boolean
}

/** Whether revoked keys come here to ask, and are heard for a moment. */
export function servesJoins(gate: Pick<StreamGate, 'strangerProtocols'>): boolean {
  return gate.strangerProtocols.has(JOIN_PROTOCOL)
}

/** Whether a stream of `protocol` may exist between us and `peer`. */
export function mayOpen(
  gate: Omit<StreamGate, 'signalling'>,
  peer: PeerId,
  protocol: string,
  direction: 'inbound' | 'outbound',
  relayed: boolean,
): boolean {
  const standing = gate.allow(peer)
  if (standing === 'revoked') {
    if (!servesJoins(gate)) return false
    return openToRevoked.has(protocol) || (protocol === JOIN_PROTOCOL && direction === 'inbound')
  }
  if (standing === 'member') return true
  if (openToStrangers.has(protocol) || gate.strangerProtocols.has(protocol)) return true
  // A relay checks both ends of a circuit, so what comes through ours was vouched for.
  if (protocol === SIGNALLING) return direction === 'outbound' || relayed
  if (protocol === HOP_PROTOCOL) return direction === 'outbound'
  // An inbound STOP makes libp2p reserve at whoever sent it: only from relays that we chose.
  if (protocol === STOP_PROTOCOL) return direction === 'outbound' || gate.isRelay(peer)
  return false
}

/** The part of libp2p's registrar that every new stream passes. */
export interface MiddlewareSource {
  getMiddleware(protocol: string): StreamMiddleware[]
}

/**
 * Puts the gate in front of every stream. `registrar.use` cannot serve: libp2p appends the
 * handler to the array it was given, so a second stream would run the first one's handler again.
 */
export function installStreamGate(registrar: MiddlewareSource, gate: StreamGate): void {
  const check: StreamMiddleware = (
    stream: Stream,
    connection: Connection,
    next: (stream: Stream, connection: Connection) => void,
  ) => {
    const peer = connection.remotePeer.toString() as PeerId
    if (isForSignalling(connection, gate.isRelay)) {
      if (stream.protocol !== SIGNALLING || gate.allow(peer) !== 'member') {
        // By this name libp2p's monitor knows that the other side is alive all the same.
        throw new UnsupportedProtocolError(`${stream.protocol} may not ride on a member's circuit`)
      }
      return next(stream, connection)
    }
    const relayed = connection.limits != null
    if (!mayOpen(gate, peer, stream.protocol, stream.direction, relayed)) {
      throw new FederationError('transport/not-member', `${stream.protocol} is for members`)
    }
    next(stream, connection)
  }
  registrar.getMiddleware = () => [check]
}

/**
 * Refuses revoked keys at every hook but where they come to ask a relay, and strangers wherever a
 * relay would serve them.
 */
export function connectionGater(gate: StreamGate): ConnectionGater {
  const hearings = createRateLimit(REVOKED_PER_SECOND, REVOKED_BURST)
  const circuits = createRateLimit(CIRCUITS_PER_SECOND, CIRCUITS_BURST)
  const standing = (peer: { toString(): string }) => gate.allow(peer.toString() as PeerId)
  const revoked = (peer: { toString(): string }) => standing(peer) === 'revoked'
  const notMember = (peer: { toString(): string }) => standing(peer) !== 'member'
  return {
    // Without this hook the browser build refuses `ws://` and private addresses.
    denyDialMultiaddr: () => false,
    denyDialPeer: revoked,
    denyInboundEncryptedConnection: (peer) =>
      revoked(peer) && !(servesJoins(gate) && hearings.take(peer.toString(), Date.now())),
    denyOutboundEncryptedConnection: revoked,
    denyInboundRelayReservation: notMember,
    denyOutboundRelayedConnection: (source, destination) =>
      notMember(source) || notMember(destination),
    denyInboundRelayedConnection: (relay, remote) => {
      if (gate.isRelay(relay.toString() as PeerId)) return revoked(remote)
      if (!gate.signalling || notMember(relay) || notMember(remote)) return true
      return !circuits.take(relay.toString(), Date.now())
    },
  }
}
