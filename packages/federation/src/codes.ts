/**
 * Every code that this package refuses or throws with.
 *
 * @module
 */
export type FederationCode =
  /** Too many calls of this peer are open at once; wait for some of them, or ask for less. */
  | 'federation/busy'
  /** The charter is not signed by its founder, is not the one that the invitation names, or this key is not its founder. */
  | 'federation/charter'
  /** An action failed after it was allowed, without a code of its own; the message says how. */
  | 'federation/failed'
  /** The first operation of a new federation was refused, so it was not founded. */
  | 'federation/found'
  /** The handler of a capability failed without a code of its own. */
  | 'federation/handler'
  /** An author gossips more than anyone may; what is beyond is neither looked at nor forwarded. */
  | 'federation/gossip-rate'
  /** The invitation is for another federation than this relay's. */
  | 'federation/invitation-elsewhere'
  /** The invitation's time is over; ask for a new one. */
  | 'federation/invitation-expired'
  /** The invitation is not signed by a member who may invite, or its redemption was made for another key: somebody else's redemption cannot be used again. */
  | 'federation/invitation-forged'
  /** Whoever issued the invitation has revoked it; ask for a new one. */
  | 'federation/invitation-revoked'
  /** Every use of the invitation is taken; ask for a new one. */
  | 'federation/invitation-used-up'
  /** The invitation could not be recorded on the ledger. */
  | 'federation/invite'
  /** Too many people are joining at this moment; try again in a minute. */
  | 'federation/join-busy'
  /** The relay hung up, or the admission did not become final in time; try again. */
  | 'federation/join-failed'
  /** A message of the join protocol cannot be understood. */
  | 'federation/join-malformed'
  /** A message of this kind does not belong in this place, such as an answer from a caller. */
  | 'federation/kind'
  /** A result that this peer holds already, or that names another study than its envelope. */
  | 'federation/known-result'
  /** Units could not be leased from the dispatcher; the next attempt follows by itself. */
  | 'federation/lease'
  /** The envelope does not come from the peer whose channel carried it, or is not for this one; a call never travels by gossip. */
  | 'federation/misaddressed'
  /** The batch that was asked for is not on this peer. */
  | 'federation/no-batch'
  /** This peer does not hold what was asked about the ledger: an epoch, or an entry. */
  | 'federation/not-held'
  /** A call without the name of a capability. */
  | 'federation/no-capability'
  /** The owner of this peer has not agreed to the study, so none of its code runs here. */
  | 'federation/no-consent'
  /** This peer was made without a sandbox, so it cannot compute. */
  | 'federation/no-sandbox'
  /** No such study is open on this peer. */
  | 'federation/no-study'
  /** Too few of those who decide are there, so this peer leaves before its leaving is on record. */
  | 'federation/not-decided'
  /** The key is not a member's, and no invitation was shown. */
  | 'federation/not-invited'
  /** This peer makes nothing final; hand the operation to a voter (under `solo` the founder). */
  | 'federation/not-leader'
  /** Only voters, and voters of the epochs beside this one, speak where the federation agrees. */
  | 'federation/not-voter'
  /** The page speaks a newer version of the protocol than the relay; the relay is to be upgraded. */
  | 'federation/protocol-new'
  /** The page speaks an older version of the protocol than the relay; reload it. */
  | 'federation/protocol-old'
  /** The relay's receipt of admission does not verify or is for another key. */
  | 'federation/receipt'
  /** The study's reduction gave no answer; the message says how it ended. */
  | 'federation/reduce'
  /** The key has been revoked: nothing is accepted from it or sent by it. */
  | 'federation/revoked'
  /** A stage that every action passes failed by itself. The action did not happen: stages fail closed. */
  | 'federation/stage-failed'
  /** This peer is stopping and takes no more calls. */
  | 'federation/stopped'
  /** The study's modules or inputs are not at hand, or do not match the content ids of its manifest. */
  | 'federation/study-blocks'
  /** The study takes no more work: it is closed or complete. */
  | 'federation/study-closed'
  /** This member has put as many operations on the ledger as it may in an hour. */
  | 'federation/submit-rate'
  /** The operation could not be made final, for a reason without a code of its own. */
  | 'federation/submit'
  /** Results could not be compared with another peer; the next attempt follows by itself. */
  | 'federation/sync'
  /** The record does not belong on the gossip topic that carried it. */
  | 'federation/topic'
  /** An answer that belongs to no open call; dropped. */
  | 'federation/unasked'
  /** The author is not a member that this peer knows. It may become one when the ledger catches up, so who forwarded it is not blamed. */
  | 'federation/unknown-member'
  /** What should leave, or has come, is larger than a message of its kind may be. */
  | 'federation/too-large'
  /** A unit has more results already than any validation rule can need. */
  | 'federation/unit-full'
  /** What is here was decided by earlier voters than those that the invitation names: nobody who could be asked has more, or somebody keeps it from this peer. */
  | 'federation/behind-invitation'
  /** Nothing has been decided yet, so there is nothing to check. */
  | 'federation/nothing-decided'
  /** Nobody has offered this peer a seat among the voters. */
  | 'federation/no-offer'
  /** A tab takes no seat in a federation of engine `raft`; it follows what the relays decide. */
  | 'federation/engine'
  /** This peer has no seat among the voters. */
  | 'federation/no-seat'
  /** No proposal with this id is open. */
  | 'federation/no-proposal'
  /** The outcome of an action could not be written to the audit log. */
  | 'federation/unlogged'
