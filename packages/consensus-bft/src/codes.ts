/**
 * Every code that this package refuses or throws with.
 *
 * @module
 */
export type ConsensusBftCode =
  /** The voters remember votes of ours that our own log lacks; voting again could contradict them. */
  | 'consensus-bft/amnesia'
  /** Two certificates of finality contradict each other: more voters lie than this engine bears. */
  | 'consensus-bft/fork'
  /** The bytes are not a message of this version. */
  | 'consensus-bft/message'
  /** The stored votes or blocks cannot be read. */
  | 'consensus-bft/corrupt-votes'
  /** Operations are submitted to voters of this epoch, of the one before and of the next. */
  | 'consensus-bft/no-seat'
  /** A quorum finalised an end of epoch whose voters are not those of the state. */
  | 'consensus-bft/next-set'
