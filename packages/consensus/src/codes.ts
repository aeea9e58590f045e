/**
 * Every code that this package refuses or throws with.
 *
 * @module
 */
export type ConsensusCode =
  /** More operations wait than the engine may hold; try again after a pause. */
  | 'consensus/busy'
  /** A certificate, receipt or READY is of another epoch, or its voters are no quorum. */
  | 'consensus/certificate'
  /** The engine was closed. */
  | 'consensus/closed'
  /** The stored log does not replay: a record is damaged or was written under other rules. */
  | 'consensus/corrupt-log'
  /** The operation's deadline passed before it got into an entry. */
  | 'consensus/deadline'
  /** The entry names an epoch in which this engine has no voters. */
  | 'consensus/epoch'
  /** The bytes are no evidence of a fork, of a double vote or of a double proposal. */
  | 'consensus/evidence'
  /** Two histories were decided, and both are signed: by the founder, or by more than may lie. */
  | 'consensus/fork'
  /** The entry is further ahead than the next one; fetch those between. */
  | 'consensus/gap'
  /** The engine stopped after a failure that it must not act through; `details.fault` says which. */
  | 'consensus/halted'
  /** The founder has handed over to voters; open the engine that its charter or last entry names. */
  | 'consensus/handed-over'
  /** The header's history root is not the root over the blocks before it. */
  | 'consensus/history-mismatch'
  /** Another operation was submitted under this id. */
  | 'consensus/id-conflict'
  /** An operation id is not 1 to 128 printable ASCII characters. */
  | 'consensus/invalid-id'
  /** The entry belongs to another federation. */
  | 'consensus/instance'
  /** The bytes are not an entry, header or proof of this version. */
  | 'consensus/malformed'
  /** No peer answered what a client without a log needs to know. */
  | 'consensus/no-answer'
  /** The log holds entries already; a snapshot is installed into an empty one. */
  | 'consensus/not-empty'
  /** The operation is larger than 256 KiB. */
  | 'consensus/operation-too-large'
  /** The entry does not continue the block before it. */
  | 'consensus/parent'
  /** The operations are not those that the header commits to. */
  | 'consensus/payload-mismatch'
  /** The proof does not lead to the root. */
  | 'consensus/proof'
  /** A proposed block does not follow from what it is said to rest on. */
  | 'consensus/proposal'
  /** Recorded in place of an application's code that is no code. */
  | 'consensus/refused'
  /** The header, or a vote in a certificate, is not signed by who should have. */
  | 'consensus/signature'
  /** The snapshot does not match its own proof of finality. */
  | 'consensus/snapshot'
  /** Applying the operations leads to another state or outcome than the signed one. The engine stops. */
  | 'consensus/state-mismatch'
  /** The log could not be written; the operations of the entry may or may not be there after reopening. */
  | 'consensus/storage-failed'
  /** The application threw while applying; the engine stops. */
  | 'consensus/application-failed'
  /** The voters do not form a set that may decide. */
  | 'consensus/voter-set'
  /** The header's time lies before its parent's. */
  | 'consensus/time'
  /** This engine cannot do that. */
  | 'consensus/unsupported'
