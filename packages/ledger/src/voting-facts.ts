/**
 * The facts about who decides and what is being decided: shapes of those kinds that a federation
 * of one founder has none of.
 *
 * @module
 */
import { bytesSchema, exactBytes, hashSchema, intSchema, textSchema } from '@folkmoot/codec'
import { amendmentSchema, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'
import { orgSchema } from './action.ts'
import { MAX_ACTION_BYTES, MAX_BALLOTS, MAX_VOTER_SET_BYTES, MAX_VOTERS } from './limits.ts'

const int = intSchema(0, Number.MAX_SAFE_INTEGER)

/** The epoch that the state has entered. */
export const epochFactSchema = v.strictObject({
  epoch: int,
  engine: v.picklist(['bft', 'raft']),
  height: int,
})

/** The voters of an epoch: the encoded set while it is the present one, its hash for ever. */
export const votersFactSchema = v.strictObject({
  set: v.nullable(bytesSchema(MAX_VOTER_SET_BYTES)),
  hash: exactBytes(32),
})

/** The set of the next epoch, once it is decided. */
export const nextFactSchema = v.strictObject({
  set: bytesSchema(MAX_VOTER_SET_BYTES),
  hash: exactBytes(32),
  height: int,
})

/** Who should vote from the next epoch on; `changed` while that asks for a new epoch. */
export const seatsFactSchema = v.strictObject({
  peers: v.pipe(v.array(peerIdSchema), v.maxLength(MAX_VOTERS)),
  /** What the first voters after a founder alone decide by, where it is not `bft`. */
  engine: v.exactOptional(v.literal('raft')),
  changed: v.boolean(),
  height: int,
})

export const roleFactSchema = v.strictObject({
  org: orgSchema,
  state: v.picklist(['offered', 'standby', 'seated']),
  /** Whether accepting the offer means a seat. */
  seat: v.boolean(),
  height: int,
})

export const voteKeyFactSchema = v.strictObject({
  key: exactBytes(32),
  /** How often one was registered for this epoch. */
  times: intSchema(1, 255),
  height: int,
})

/** A notice to a peer that a change of voters waits for. */
export const overdueFactSchema = v.strictObject({
  /** Of the entry, in ms: the charter's `voteKeyMs` runs from here. */
  time: int,
  by: peerIdSchema,
  height: int,
})

export const evidenceFactSchema = v.strictObject({
  epoch: int,
  view: int,
  kind: textSchema(64),
  /** SHA-256 of the evidence. */
  hash: exactBytes(32),
  by: peerIdSchema,
  height: int,
})

export const proposalFactSchema = v.strictObject({
  by: peerIdSchema,
  kind: textSchema(64),
  /** The encoded action; empty once it was carried. */
  action: bytesSchema(MAX_ACTION_BYTES),
  state: v.picklist(['open', 'carried']),
  /** Last height at which ballots count. */
  expires: int,
  /** Who said what, in the order of their first ballots. */
  ballots: v.pipe(v.array(v.strictTuple([peerIdSchema, v.boolean()])), v.maxLength(MAX_BALLOTS)),
  height: int,
})

export const amendmentFactSchema = v.strictObject({
  changes: amendmentSchema,
  /** How many amendments led here. */
  times: int,
  /** The proposal that the last one came by. */
  proposal: hashSchema,
  height: int,
})

export type RoleFact = Readonly<v.InferOutput<typeof roleFactSchema>>
export type VoteKeyFact = Readonly<v.InferOutput<typeof voteKeyFactSchema>>
export type EvidenceFact = Readonly<v.InferOutput<typeof evidenceFactSchema>>
export type ProposalFact = Readonly<v.InferOutput<typeof proposalFactSchema>>
export type AmendmentFact = Readonly<v.InferOutput<typeof amendmentFactSchema>>
