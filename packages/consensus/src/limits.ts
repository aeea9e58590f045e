/**
 * Bounds that hold for every engine, because entries and proofs travel between engines.
 *
 * @module
 */

/** Largest operation, in bytes. */
export const MAX_OPERATION_BYTES = 256 * 1024
/** Most operations in one entry. */
export const MAX_ENTRY_OPERATIONS = 1_000
/** Most bytes of operations in one entry: two of the largest, so that an entry fits one 1 MiB frame. */
export const MAX_PAYLOAD_BYTES = 2 * MAX_OPERATION_BYTES
/** Largest encoded entry, in bytes: the payload, an id and a code of full length per operation. */
export const MAX_ENTRY_BYTES = 960 * 1024
/** Longest operation id, in characters. */
export const MAX_ID_LENGTH = 128
/** Longest recorded refusal code, in characters. */
export const MAX_REFUSAL_LENGTH = 64
/** Largest snapshot that is read, in bytes: 100,000 members and their studies fit with room. */
export const MAX_SNAPSHOT_BYTES = 256 * 1024 * 1024
