/**
 * What kind of link a connection is, and which of several to a peer serves best.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { Connection } from '@libp2p/interface'
import { WebRTC, WebSockets, WebSocketsSecure } from '@multiformats/multiaddr-matcher'
import type { Link, LinkKind } from './transport.ts'

/**
 * The dialler's address of a direct connection still contains `/p2p-circuit`, so the address alone
 * does not tell: a circuit has limits, a direct connection has none.
 */
export function linkKind(connection: Connection): LinkKind {
  const address = connection.remoteAddr
  // Exactly: a circuit through a peer that is linked directly begins with such an address.
  if (WebRTC.exactMatch(address) && connection.limits == null) return 'direct'
  const isCircuit = address.getComponents().some(({ name }) => name === 'p2p-circuit')
  if (connection.limits != null || isCircuit) return 'relayed'
  if (WebSockets.matches(address) || WebSocketsSecure.matches(address)) return 'websocket'
  return 'tcp'
}

/**
 * Whether a connection runs through another member instead of a relay: it lives for the signalling
 * of a direct link, carries nothing else, and is not a link.
 */
export function isForSignalling(
  { remoteAddr, direction }: Pick<Connection, 'remoteAddr' | 'direction'>,
  isRelay: (peer: PeerId) => boolean,
): boolean {
  const parts = remoteAddr.getComponents()
  const at = parts.findLastIndex(({ name }) => name === 'p2p-circuit')
  const isWebRtc = ({ name }: { name: string }) => name === 'webrtc'
  if (at < 0 || parts.slice(at).some(isWebRtc)) return false
  const before = parts.slice(0, at)
  const via = before.findLast(({ name }) => name === 'p2p')?.value as PeerId | undefined
  if (via !== undefined && isRelay(via)) return false
  // A relay that we did not choose but dialled has an address in the network; a member that we
  // asked has its key alone, or its own direct link.
  const isNamed = before.every(({ name }) => name === 'p2p')
  return direction === 'inbound' || isNamed || before.some(isWebRtc)
}

export function linkOf(connection: Connection): Link {
  return {
    peer: connection.remotePeer.toString() as PeerId,
    kind: linkKind(connection),
    rttMs: connection.rtt,
    since: connection.timeline.open,
    id: connection.id,
  }
}

const rank: Readonly<Record<LinkKind, number>> = { tcp: 0, direct: 1, websocket: 2, relayed: 3 }

/**
 * Open connections, best first. Of equal kinds the newest leads: after a reload of the other side
 * the older one is dead and does not know it. `suspects` come last.
 */
export function byPreference(
  connections: readonly Connection[],
  suspects: ReadonlySet<string> = new Set(),
): Connection[] {
  return connections
    .filter((connection) => connection.status === 'open')
    .sort(
      (a, b) =>
        Number(suspects.has(a.id)) - Number(suspects.has(b.id)) ||
        rank[linkKind(a)] - rank[linkKind(b)] ||
        b.timeline.open - a.timeline.open,
    )
}
