/**
 * Every code that this package puts into a fault or throws.
 *
 * @module
 */

export type CallsCode =
  /** The deadline passed before the call was finished. */
  | 'calls/deadline'
  /** The caller cancelled. */
  | 'calls/cancelled'
  /** The link died and the call may not be repeated. */
  | 'calls/lost'
  /** The other side sent more than the window it was granted. */
  | 'calls/window'
  /** The other side acknowledged bytes that were never sent to it. */
  | 'calls/credit'
  /** One item is larger than the whole window, so it could never be sent. */
  | 'calls/item-too-large'
  /** An item, end, credit, error or cancel whose body is not what its kind prescribes. */
  | 'calls/malformed'
  /** A message that its call cannot take in its phase. */
  | 'calls/unexpected'
  /** This envelope was already taken. */
  | 'calls/replay'
  /** Sent before this receiver's memory begins, so a replay could not be told from a first. */
  | 'calls/before-memory'
  /** The same idempotency key came with a different request. */
  | 'calls/idempotency-conflict'
  /** The call with this idempotency key is still running. */
  | 'calls/still-running'
  /** Too many idempotency keys are remembered for this peer. */
  | 'calls/idempotency-full'
