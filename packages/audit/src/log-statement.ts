/**
 * The signed statement that opens a log: which peer, which federation, and what came before. A peer
 * that lost its log says so here, once, in public.
 *
 * @module
 */
import { hashSchema, intSchema } from '@folkmoot/codec'
import { instantSchema, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'

/** 16 random bytes in hex. */
export const logIdSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))

const previousLogSchema = v.strictObject({
  logId: logIdSchema,
  size: intSchema(0, Number.MAX_SAFE_INTEGER),
  root: v.nullable(hashSchema),
})

/** A log that another one follows, and the last checkpoint that it is known to have had. */
export type PreviousLog = v.InferOutput<typeof previousLogSchema>

export const logStatementSchema = v.strictObject({
  v: v.literal(1),
  fed: hashSchema,
  peer: peerIdSchema,
  logId: logIdSchema,
  /** `first`: there was none. `lost`: entries that were acknowledged are gone. `damaged`: they changed. */
  reason: v.picklist(['first', 'lost', 'damaged']),
  /** The log that this one follows. */
  previous: v.nullable(previousLogSchema),
  at: instantSchema,
})

export type LogStatement = v.InferOutput<typeof logStatementSchema>
