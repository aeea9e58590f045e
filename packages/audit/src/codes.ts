/**
 * Every code that this package throws or answers, one sentence each.
 *
 * @module
 */
export type AuditCode =
  /** Thrown: the quota is used up, so the action must not happen. */
  | 'audit/full'
  /** Thrown: an outcome names an intent that is not open in this run. */
  | 'audit/no-intent'
  /** Thrown: the entry has no canonical form or is larger than an entry may be. */
  | 'audit/entry-invalid'
  /** Thrown: somebody else appends to the same log. */
  | 'audit/interleaved'
  /** The reason of the outcome that a restart gives to intents it found open: the effect is unknown. */
  | 'audit/interrupted'
  /** Refused: the bytes are no export, or of a later version. */
  | 'audit/export-malformed'
  /** Refused: the statement that opens the log is not genuine. */
  | 'audit/statement'
  /** Refused: an entry is malformed, misplaced, or answers nothing. */
  | 'audit/entry'
  /** Refused: content does not match the hash that its entry commits to. */
  | 'audit/content'
  /** Refused: a checkpoint is malformed, unsigned, or of another log. */
  | 'audit/checkpoint'
  /** Refused: the entries are not those of which others keep a checkpoint, so the log was written anew. */
  | 'audit/anchor'
  /** Refused: others keep a checkpoint of more entries: the export is older than that, or cut off. */
  | 'audit/export-older'
  /** Refused: the peer has anchored another log that this one does not account for. */
  | 'audit/other-log'
  /** Refused: the entries are not those that a checkpoint signed. */
  | 'audit/tree'
