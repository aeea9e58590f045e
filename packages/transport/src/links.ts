/**
 * What kind of link a connection is, and which of several to a peer serves best.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { Connection } from '@libp2p/interface'
import { Circuit, WebRTC, WebSockets, WebSocketsSecure } from '@multiformats/multiaddr-matcher'
import type { Link, LinkKind } from './transport.ts'

/**
 * The dialler's address of a direct connection still contains `/p2p-circuit`, so the address alone
 * does not tell: a circuit has limits, a direct connection has none.
 */
export function linkKind(connection: Connection): LinkKind {
  const address = connection.remoteAddr
  if (WebRTC.matches(address) && connection.limits == null) return 'direct'
  if (connection.limits != null || Circuit.matches(address)) return 'relayed'
  if (WebSockets.matches(address) || WebSocketsSecure.matches(address)) return 'websocket'
  return 'tcp'
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
