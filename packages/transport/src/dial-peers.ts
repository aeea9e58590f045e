/**
 * Ways to a peer by its key: a direct link by signalling through a relay or through a member, a
 * circuit, or an address that libp2p knows.
 *
 * @module
 */
import { errorMessage, FederationError, type Logger } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Connection, Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'

export const DIAL_MS = 14_000
/** A forwarder that is frozen does not answer; the next may. */
const FORWARDER_MS = 6_000

export interface DialerInit {
  readonly libp2p: Pick<Libp2p, 'dial' | 'getConnections'>
  /** Whether a direct link can be held here. */
  readonly webrtc: boolean
  /** Addresses of relays that we are connected to. */
  readonly relays: () => readonly string[]
  /** Members that we are linked with directly, in random order. */
  readonly forwarders: () => readonly PeerId[]
  /** Whether a connection is one of those that live for signalling alone. */
  readonly isForSignalling: (connection: Connection) => boolean
  readonly isLinked: (peer: PeerId) => boolean
  /** @throws FederationError `transport/stopped`, `transport/revoked` */
  readonly assertAllowed: (peer: PeerId) => void
  readonly log: Logger
}

export interface Dialer {
  /** Resolves once a direct link stands. @throws FederationError `transport/unreachable` */
  direct(peer: PeerId, signal: AbortSignal): Promise<void>
  circuit(peer: PeerId, signal: AbortSignal): Promise<void>
  /** Any link, the best there is; nothing where one stands. */
  any(peer: PeerId, signal?: AbortSignal): Promise<void>
}

export function unreachable(peer: string, cause: unknown): FederationError {
  return new FederationError('transport/unreachable', `no way to ${peer}`, { cause })
}

export function createDialer(init: DialerInit): Dialer {
  const { libp2p, assertAllowed } = init
  // Without `force` libp2p answers with a connection that it has, whatever its kind.
  const dial = (address: string, signal: AbortSignal) =>
    libp2p.dial(multiaddr(address), { signal, force: true } as { signal: AbortSignal })

  async function throughRelay(peer: PeerId, suffix: string, signal: AbortSignal): Promise<void> {
    let last: unknown = new Error('no relay is connected')
    for (const relay of init.relays()) {
      if (signal.aborted) break
      try {
        await dial(`${relay}/p2p-circuit${suffix}/p2p/${peer}`, signal)
        return
      } catch (error) {
        last = error
      }
    }
    throw unreachable(peer, last)
  }

  /** A direct link with the help of a member that is linked with both. */
  async function throughMember(peer: PeerId, signal: AbortSignal): Promise<void> {
    let last: unknown = new Error('no member is linked with both')
    for (const member of init.forwarders()) {
      if (signal.aborted || member === peer) continue
      try {
        const bound = AbortSignal.any([signal, AbortSignal.timeout(FORWARDER_MS)])
        await dial(`/p2p/${member}/p2p-circuit/webrtc/p2p/${peer}`, bound)
        return
      } catch (error) {
        last = error
      } finally {
        for (const used of libp2p.getConnections(peerIdFromString(peer))) {
          if (init.isForSignalling(used)) used.close().catch((error: Error) => used.abort(error))
        }
      }
    }
    throw unreachable(peer, last)
  }

  const circuit = (peer: PeerId, signal: AbortSignal) => throughRelay(peer, '', signal)
  async function direct(peer: PeerId, signal: AbortSignal): Promise<void> {
    assertAllowed(peer)
    try {
      await throughRelay(peer, '/webrtc', signal)
    } catch (error) {
      if (init.forwarders().length === 0) throw error
      await throughMember(peer, signal)
    }
  }

  return {
    direct,
    circuit,
    async any(peer, signal) {
      assertAllowed(peer)
      if (init.isLinked(peer)) return
      const bound = AbortSignal.any([AbortSignal.timeout(DIAL_MS), ...(signal ? [signal] : [])])
      if (init.webrtc) {
        try {
          return await direct(peer, bound)
        } catch (error) {
          init.log.log('debug', 'no direct link', { reason: errorMessage(error) })
          if (init.isLinked(peer)) return
        }
      }
      try {
        await libp2p.dial(peerIdFromString(peer), { signal: bound })
      } catch {
        await circuit(peer, AbortSignal.any([bound, AbortSignal.timeout(DIAL_MS)]))
      }
    },
  }
}
