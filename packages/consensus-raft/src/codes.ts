/**
 * Every code that this package refuses or throws with.
 *
 * @module
 */
export type RaftCode =
  /** This peer has a seat and its database knows nothing of the group: votes may be forgotten. */
  | 'consensus-raft/amnesia'
  /** A setting is out of its range; `details.problems` lists all of them. */
  | 'consensus-raft/config'
  /** A leader's entries contradict what this member knows to be committed. The engine stops. */
  | 'consensus-raft/conflict'
  /** The stored state cannot be read, or its entries have a gap. */
  | 'consensus-raft/corrupt-state'
  /** The bytes are no message of this protocol. */
  | 'consensus-raft/malformed'
  /** A change of members is under way, or no entry of this term is committed yet; try again. */
  | 'consensus-raft/membership-busy'
  /** The change names a member that is there already, one that is not, or the last one. */
  | 'consensus-raft/membership'
  /** No leader could be asked before the time was up; what waited may still be decided. */
  | 'consensus-raft/no-leader'
  /** Nobody led who could have proposed the operation. It is forgotten, and will not be decided. */
  | 'consensus-raft/not-proposed'
  /** An operation of this id is final below where this member's copy begins; ask another member. */
  | 'consensus-raft/recorded-below'
  /** This member has entries below what every other one still keeps; start it from an empty folder. */
  | 'consensus-raft/too-far-behind'
