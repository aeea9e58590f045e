/**
 * The fields of an envelope.
 *
 * @module
 */
import { bytesSchema, exactBytes, hashSchema, intSchema, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'
import { peerIdSchema } from './peer-id.ts'
import { instantSchema } from './schemas.ts'

const kinds = ['call', 'result', 'item', 'end', 'error', 'cancel', 'record', 'credit'] as const
const counts = v.pipe(
  v.record(textSchema(64), intSchema(0, Number.MAX_SAFE_INTEGER)),
  v.maxEntries(32),
)

export const envelopeSchema = v.strictObject({
  v: v.literal(1),
  fed: hashSchema,
  /** Random. */
  id: exactBytes(16),
  from: peerIdSchema,
  /** Absent in gossip. */
  to: v.exactOptional(peerIdSchema),
  kind: v.picklist(kinds),
  capability: v.exactOptional(textSchema(128)),
  /** Id of the envelope answered. */
  reply: v.exactOptional(exactBytes(16)),
  /** Calls with the same key have one effect. */
  idempotencyKey: v.exactOptional(textSchema(128)),
  sent: instantSchema,
  deadline: instantSchema,
  /** What the caller grants; each hop subtracts. */
  budget: v.exactOptional(counts),
  /** Random; with the body it makes the hash that logs hold. */
  salt: exactBytes(16),
  /** What the guard did to the body, by class and action. */
  guard: v.exactOptional(v.strictObject({ policy: textSchema(128), counts })),
  /** W3C `traceparent`. */
  trace: v.exactOptional(textSchema(128)),
  /** At most 1 MiB, less what surrounds it. */
  body: bytesSchema(1 << 20),
})

export type Envelope = v.InferOutput<typeof envelopeSchema>
