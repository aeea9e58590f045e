/**
 * Bounds of the shared state. A refusal by one of these is part of agreement, so they are fixed.
 *
 * @module
 */
export {
  MAX_EVIDENCE_BYTES,
  MAX_ORG_LENGTH,
  MAX_VOTER_SET_BYTES,
  MAX_VOTERS,
} from '@folkmoot/consensus'

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
/** Most peers that were offered a seat, stand by or vote at once. */
export const MAX_ROLES = 384
/** How often a peer may register a vote key for one epoch: each time after the first it lost one. */
export const MAX_KEY_REGISTRATIONS = 4
/** How long after a notice a seat without a key is kept where the charter sets no `voteKeyMs`, in ms. */
export const DEFAULT_VOTE_KEY_MS = 600_000
/** Most peers against whom evidence is kept. */
export const MAX_EVIDENCE = 10_000
/** Largest encoded action in bytes: a manifest or an invitation, and what is around it. */
export const MAX_ACTION_BYTES = 68 * 1024
/** Most proposals kept, open or carried. */
export const MAX_PROPOSALS = 256
/** Most open proposals by one member. */
export const MAX_OPEN_PROPOSALS = 4
/** Most open proposals by members of one trust root, so that one link cannot take every place. */
export const MAX_ROOT_PROPOSALS = 32
/** How many heights ahead a proposal may stay open. */
export const MAX_PROPOSAL_HEIGHTS = 100_000
/** Most ballots on one proposal. */
export const MAX_BALLOTS = 512
/** Most ballots on one proposal by members of one organisation, so that none keeps others out. */
export const MAX_ORG_BALLOTS = 8
