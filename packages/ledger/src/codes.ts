/**
 * Every code that this package refuses or throws with. Those that `apply` answers are recorded in
 * entries and take part in agreement: they never change their meaning.
 *
 * @module
 */
export type LedgerCode =
  /** The signer may not do this under the charter. */
  | 'ledger/not-allowed'
  /** The bytes are not an operation of this version. */
  | 'ledger/malformed'
  /** The operation belongs to another federation. */
  | 'ledger/federation'
  /** The operation's signature, or one inside it, does not verify. */
  | 'ledger/signature'
  /** The signer has had an operation with this or a higher sequence recorded. */
  | 'ledger/sequence'
  /** What the operation is about changed after the height that its signer saw. */
  | 'ledger/expect-height'
  /** The operation came after its last height. */
  | 'ledger/expired'
  /** Nothing is recorded before the founding. */
  | 'ledger/not-founded'
  /** The federation is founded already. */
  | 'ledger/founded'
  /** The charter is not this federation's. */
  | 'ledger/charter'
  /** The peer is not an active member. */
  | 'ledger/not-member'
  /** The federation has as many members as its charter allows. */
  | 'ledger/members-full'
  /** A table of the ledger is full. */
  | 'ledger/full'
  /** The peer was revoked and stays so. */
  | 'ledger/revoked'
  /** The founder cannot leave. */
  | 'ledger/founder-stays'
  /** No such invitation is recorded, and none came along. */
  | 'ledger/invitation-unknown'
  /** The invitation is recorded already. */
  | 'ledger/invitation-exists'
  /** The invitation was withdrawn, or its inviter was revoked. */
  | 'ledger/invitation-revoked'
  /** The invitation ran out by the entry's time. */
  | 'ledger/invitation-expired'
  /** All uses of the invitation are spent. */
  | 'ledger/invitation-used-up'
  /** The redemption is for another invitation or not by its key. */
  | 'ledger/redemption'
  /** The invitation does not give this role. */
  | 'ledger/role'
  /** No such study is recorded. */
  | 'ledger/study-unknown'
  /** The study is recorded already. */
  | 'ledger/study-exists'
  /** The study is closed. */
  | 'ledger/study-closed'
  /** The study ran out by the entry's time. */
  | 'ledger/study-expired'
  /** A unit of the batch is outside the study or out of order. */
  | 'ledger/batch-units'
  /** A unit of the batch is final already. */
  | 'ledger/batch-final'
  /** A credit of the batch is not for a member's final results. */
  | 'ledger/batch-credits'
  /** The checkpoint is not one of this peer's log in this federation. */
  | 'ledger/checkpoint'
  /** The checkpoint is of a shorter log than the one before. */
  | 'ledger/checkpoint-shrunk'
  /** This member reported this study already. */
  | 'ledger/reported'
  /** Thrown: an operation that every receiver would refuse. */
  | 'ledger/unsealable'
  /** The bytes are not a snapshot of this federation's ledger. */
  | 'ledger/snapshot'
  /** There is no such epoch to do this in. */
  | 'ledger/epoch'
  /** The vote key is known already, or is a peer's own key. */
  | 'ledger/vote-key'
  /** Nothing was offered that could be accepted. */
  | 'ledger/no-offer'
  /** The peer votes or stands by already. */
  | 'ledger/voter-exists'
  /** The peer neither votes nor stands by. */
  | 'ledger/voter-unknown'
  /** No change of voters waits for this peer, or not yet for long enough. */
  | 'ledger/not-overdue'
  /** The last voter stays: nothing could be decided without it. */
  | 'ledger/last-voter'
  /** Four voters across organisations would be of fewer than four. */
  | 'ledger/orgs'
  /** There is evidence against the peer, so it votes no more. */
  | 'ledger/evicted'
  /** The evidence does not show what no honest voter does, or is of another set of voters. */
  | 'ledger/evidence'
  /** There is evidence against this peer already. */
  | 'ledger/evidence-known'
  /** No such proposal is recorded. */
  | 'ledger/proposal-unknown'
  /** The proposal was carried or ran out. */
  | 'ledger/proposal-closed'
  /** The federation does not continue the one that its charter names. */
  | 'ledger/refounding'
  /** Thrown: going back to a mark that was released, or dropped by going further back. */
  | 'ledger/mark'
  /** The proof does not lead to the state root. */
  | 'ledger/proof'
