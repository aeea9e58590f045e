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
/** Most voters in one set: as many as a charter may name. */
export const MAX_VOTERS = 128
/** Longest name of an organisation in a set, in characters. */
export const MAX_ORG_LENGTH = 64
/** Most weight of one voter; the weights of a full set stay far from where sums lose precision. */
export const MAX_VOTER_WEIGHT = 65_536
/** Largest encoded voter set, in bytes: 128 voters with names of full length, in letters of four bytes. */
export const MAX_VOTER_SET_BYTES = 64 * 1024
/** Largest encoded certificate, in bytes: 128 signatures. */
export const MAX_CERTIFICATE_BYTES = 10 * 1024
/** Most views that one block may skip: with four voters 0.3 MB of certificates. */
export const MAX_SKIPPED_VIEWS = 1_024
/** Largest encoded proposal, in bytes: below one 1 MiB frame with what is around it. */
export const MAX_PROPOSAL_BYTES = 1_020 * 1024
/** Most epochs behind one snapshot: a change of voters a day for 27 years. */
export const MAX_EPOCH_LINKS = 10_000
/** Largest evidence of a fork, in bytes: two proofs under full certificates, and one more certificate. */
export const MAX_FORK_BYTES = 42 * 1024
