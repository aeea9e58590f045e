/**
 * The kinds of fact that make up the shared state: their shapes and keys.
 *
 * @module
 */
import { bytesSchema, exactBytes, hashSchema, intSchema, textSchema } from '@folkmoot/codec'
import { invitationRoleSchema, type PeerId, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'
import {
  MAX_BATCH_UNITS,
  MAX_CHECKPOINT_LENGTH,
  MAX_MANIFEST_BYTES,
  MAX_REASON_LENGTH,
  MAX_UNITS,
} from './limits.ts'

const int = intSchema(0, Number.MAX_SAFE_INTEGER)
const role = v.picklist(['member', 'observer'])

export const federationFactSchema = v.strictObject({ fed: hashSchema, founder: peerIdSchema })

export const memberFactSchema = v.strictObject({
  role,
  /** Trust root: an invitation's id, or `founder`. */
  root: textSchema(64),
  status: v.picklist(['active', 'left', 'revoked']),
  /** Time of the last admission in ms. */
  since: int,
  /** The invitation used last; null for the founder. */
  invitation: v.nullable(hashSchema),
  /** Height of the last change. */
  height: int,
})

export const invitationFactSchema = v.strictObject({
  inviter: peerIdSchema,
  key: exactBytes(32),
  role: invitationRoleSchema,
  cohort: textSchema(64),
  uses: int,
  used: int,
  expires: int,
  revoked: v.boolean(),
  /** Trust root that its users get. */
  root: textSchema(64),
  height: int,
})

export const revocationFactSchema = v.strictObject({
  by: peerIdSchema,
  /** When the key is said to have been lost, in ms. */
  at: int,
  reason: textSchema(MAX_REASON_LENGTH),
  height: int,
})

export const studyFactSchema = v.strictObject({
  author: peerIdSchema,
  opener: peerIdSchema,
  units: intSchema(1, MAX_UNITS),
  expires: int,
  closed: v.boolean(),
  /** Units that are final. */
  final: int,
  batches: int,
  reports: int,
  opened: int,
  height: int,
})

export const batchFactSchema = v.strictObject({
  root: exactBytes(32),
  units: v.pipe(v.array(intSchema(0, MAX_UNITS - 1)), v.maxLength(MAX_BATCH_UNITS)),
  /** Id of the operation that recorded it. */
  operation: hashSchema,
  time: int,
  height: int,
})

export const checkpointFactSchema = v.strictObject({
  log: textSchema(32),
  size: int,
  text: textSchema(MAX_CHECKPOINT_LENGTH),
  time: int,
  height: int,
})

export const reportFactSchema = v.strictObject({
  reason: textSchema(MAX_REASON_LENGTH),
  time: int,
  height: int,
})

export const manifestFactSchema = bytesSchema(MAX_MANIFEST_BYTES)
/** One bit a unit, the least significant first. */
export const finalUnitsSchema = bytesSchema(MAX_UNITS / 8)
export const countSchema = int

export type MemberFact = Readonly<v.InferOutput<typeof memberFactSchema>>
export type InvitationFact = Readonly<v.InferOutput<typeof invitationFactSchema>>
export type RevocationFact = Readonly<v.InferOutput<typeof revocationFactSchema>>
export type StudyFact = Readonly<v.InferOutput<typeof studyFactSchema>>
export type BatchFact = Readonly<v.InferOutput<typeof batchFactSchema>>
export type CheckpointFact = Readonly<v.InferOutput<typeof checkpointFactSchema>>
export type ReportFact = Readonly<v.InferOutput<typeof reportFactSchema>>

/** Keys of facts, for `fact` and `proveFact`. */
export const factKey = {
  federation: () => 'federation/',
  member: (peer: PeerId) => `member/${peer}`,
  invitation: (id: string) => `invitation/${id}`,
  revocation: (peer: PeerId) => `revocation/${peer}`,
  study: (id: string) => `study/${id}`,
  manifest: (study: string) => `manifest/${study}`,
  finalUnits: (study: string) => `final/${study}`,
  batch: (study: string, index: number) => `batch/${study}/${index}`,
  credit: (peer: PeerId) => `credit/${peer}`,
  checkpoint: (peer: PeerId) => `checkpoint/${peer}`,
  report: (study: string, peer: PeerId) => `report/${study}/${peer}`,
  sequence: (peer: PeerId) => `sequence/${peer}`,
  /** The epoch that the state has entered; absent while one founder decides. */
  epoch: () => 'epoch/',
  voters: (epoch: number) => `voters/${epoch}`,
  nextVoters: () => 'next/',
  seats: () => 'seats/',
  role: (peer: PeerId) => `role/${peer}`,
  voteKey: (epoch: number, peer: PeerId) => `voteKey/${epoch}/${peer}`,
  overdue: (peer: PeerId) => `overdue/${peer}`,
  proposal: (id: string) => `proposal/${id}`,
  evidence: (culprit: PeerId) => `evidence/${culprit}`,
  amendment: () => 'amendment/',
} as const
