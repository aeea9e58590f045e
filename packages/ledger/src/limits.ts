/**
 * Bounds of the shared state. A refusal by one of these is part of agreement, so they are fixed.
 *
 * @module
 */

/** Most members, whatever the charter says. */
export const MAX_MEMBERS = 100_000
/** Most invitations ever recorded. */
export const MAX_INVITATIONS = 100_000
/** Most studies ever recorded. */
export const MAX_STUDIES = 10_000
/** Most revocations of keys that never were members. */
export const MAX_STRANGER_REVOCATIONS = 10_000
/** Most reports about one study. */
export const MAX_REPORTS = 1_000
/** Most units of a study. */
export const MAX_UNITS = 100_000
/** Most units in one batch: their numbers and credits fit one operation. */
export const MAX_BATCH_UNITS = 10_000
/** Most peers credited in one batch. */
export const MAX_BATCH_CREDITS = 2_000
/** Largest manifest in bytes. */
export const MAX_MANIFEST_BYTES = 64 * 1024
/** Largest charter, invitation, redemption or revocation in bytes. */
export const MAX_RECORD_BYTES = 64 * 1024
/** Longest checkpoint in characters. */
export const MAX_CHECKPOINT_LENGTH = 2_048
/** Longest reason in characters. */
export const MAX_REASON_LENGTH = 500
/** Longest nickname in characters. */
export const MAX_NICKNAME_LENGTH = 32
/** Largest snapshot that is read, in bytes. */
export const MAX_SNAPSHOT_BYTES = 256 * 1024 * 1024
