/**
 * How often a peer speaks of itself, so that presence costs each of 1,000 peers at most 1 KB/s.
 *
 * A record is about 450 B, most of it the envelope and its signature, and a mesh of degree six passes
 * each on about five times; so all peers together have to stay under 0.44 records a second.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'

/** What each peer adds to the period of all, in ms. */
const perPeerMs: Millis = 3_000
const shortestMs: Millis = 5_000
/** The period stops growing at 1,200 peers: who misses three of them counts as silent. */
const longestMs: Millis = 60 * 60_000

/** Of those who have nothing but their name to tell, so many answer a newcomer. */
const answers = 32

/** How often a peer among `peers` announces itself without a reason. */
export function presencePeriodMs(peers: number): Millis {
  return Math.min(longestMs, Math.max(shortestMs, peers * perPeerMs))
}

/** A newcomer hears at least a quarter of what so many peers say, or does not believe in them. */
const quarters = 4
/** And waits with that until gossip has had its time to form. */
const unheard = 10

/**
 * How long a newcomer that has heard `heard` peers believes that `told` are here. They would bring it
 * one whom it does not know every {@link perPeerMs}; a relay that says more than there are is not
 * believed longer than four periods of those that are, and two minutes.
 */
export function beliefMs(told: number, heard: number): Millis {
  return Math.min(presencePeriodMs(told), quarters * perPeerMs * (heard + unheard))
}

/**
 * Whether to announce ourselves because someone new was heard of, for whom gossip has kept nothing.
 * If everyone did, a join would cost as many records as there are peers.
 *
 * @param dice uniform in [0, 1)
 */
export function answersNewcomer(
  { peers, addresses }: { peers: number; addresses: number },
  dice: number,
): boolean {
  // Where a relay listens cannot be had from anyone else.
  return addresses > 0 || dice * peers < answers
}
