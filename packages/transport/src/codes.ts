/**
 * Every code that this package throws or puts into a fault.
 *
 * @module
 */

export type TransportCode =
  /** The peer's key was revoked; no connection is made or kept. */
  | 'transport/revoked'
  /** The peer is not a member and the protocol is for members only. */
  | 'transport/not-member'
  /** Another program has an address that this peer should listen on. */
  | 'transport/listen'
  /** No address led to the peer. */
  | 'transport/unreachable'
  /** The address is not a multiaddr that this node can dial. */
  | 'transport/address'
  /** A frame was larger than the receiver's bound, or its length prefix was malformed. */
  | 'transport/frame'
  /** The other side sent faster than the reader took; the stream was cut. */
  | 'transport/overrun'
  /** The stream or connection ended before the exchange was complete. */
  | 'transport/closed'
  /** The other side took longer than the protocol allows. */
  | 'transport/timeout'
  /** The message is larger than the topic allows. */
  | 'transport/too-large'
  /** Nobody had the block, or what they sent did not match its content id. */
  | 'transport/block-missing'
  /** The transport was stopped. */
  | 'transport/stopped'
