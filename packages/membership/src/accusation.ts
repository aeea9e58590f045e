/**
 * The record by which a peer says that another has gone silent, so that the accused can refute it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { encode, intSchema, parse } from '@folkmoot/codec'
import { type PeerId, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'

const accusationSchema = v.strictObject({
  v: v.literal(1),
  accused: peerIdSchema,
  incarnation: intSchema(0, Number.MAX_SAFE_INTEGER),
})

export interface Accusation {
  readonly v: 1
  readonly accused: PeerId
  /** The incarnation that fell silent; a higher one refutes. */
  readonly incarnation: number
}

export function encodeAccusation(accusation: Accusation): Uint8Array {
  return encode(accusation)
}

export function parseAccusation(bytes: Uint8Array): Verdict<{ accusation: Accusation }> {
  const parsed = parse(accusationSchema, bytes, { maxBytes: 256, maxDepth: 2, maxItems: 8 })
  if (!parsed.ok) return refuse('membership/malformed', parsed.fault.message)
  return { ok: true, accusation: parsed.value }
}
