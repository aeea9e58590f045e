/**
 * How the voters of an engine reach each other, as an engine sees it. Implemented by `federation`
 * over streams and gossip, and by an in-memory hub in tests.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'

/** What gives way where not everything can be sent: operations are passed on again by themselves. */
export type Urgency = 'repeated'

export interface ConsensusNetwork {
  /**
   * Sends to one peer, directly where there is a link. May lose it: engines repeat what matters. What
   * is `repeated` goes behind everything else, and is lost before any of that.
   */
  send(to: PeerId, bytes: Uint8Array, urgency?: Urgency): void
  /** `from` is the peer that proved its key on the link, for a published message its author. */
  onMessage(listener: (from: PeerId, bytes: Uint8Array) => void): () => void
  /** Calls `listener` whenever a link to a peer comes up. */
  onConnected(listener: (peer: PeerId) => void): () => void
  /** Reaches every member, observers too, over several hops: final certificates and operations. */
  publish(bytes: Uint8Array): void
  /** Peers with a link at this moment. */
  connected(): readonly PeerId[]
}
