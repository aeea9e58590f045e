/**
 * Operations on their way to those who lead: `[32, [[id, operation, deadline | null], …]]`. Not part
 * of agreement, so the core never sees it.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { bytesSchema, encode, intSchema, parse, textSchema } from '@folkmoot/codec'
import { MAX_ID_LENGTH, MAX_OPERATION_BYTES } from '@folkmoot/consensus'
import * as v from 'valibot'
import { MAX_MESSAGE_BYTES } from '../core/messages.ts'

export interface ForwardedOperation {
  readonly id: string
  readonly bytes: Uint8Array
  readonly deadlineMs: Millis | undefined
}

/** Above every kind of message of the core. */
const TAG = 32
const MAX_FORWARDED = 1_000
/** Several operations share a message up to here: what is larger goes by no gossip (ADR 0049). */
const SHARED_BYTES = 48 * 1024
/** Most bytes that the encoding adds to an operation and its id. */
const ROW_BYTES = 24
const id = v.pipe(textSchema(MAX_ID_LENGTH), v.regex(/^[!-~]+$/))
const schema = v.strictTuple([
  v.literal(TAG),
  v.pipe(
    v.array(
      v.strictTuple([
        id,
        bytesSchema(MAX_OPERATION_BYTES),
        v.nullable(intSchema(0, Number.MAX_SAFE_INTEGER)),
      ]),
    ),
    v.maxLength(MAX_FORWARDED),
  ),
])

/** As few messages as may be, each for those too whom only gossip reaches. */
export function encodeOperations(operations: readonly ForwardedOperation[]): Uint8Array[] {
  const messages: Uint8Array[] = []
  let batch: (readonly [string, Uint8Array, number | null])[] = []
  let size = 0
  const flush = () => {
    if (batch.length > 0) messages.push(encode([TAG, batch]))
    batch = []
    size = 0
  }
  for (const { id, bytes, deadlineMs } of operations) {
    const row = bytes.length + id.length + ROW_BYTES
    if (batch.length === MAX_FORWARDED || size + row > SHARED_BYTES) flush()
    batch.push([id, bytes, deadlineMs ?? null])
    size += row
  }
  flush()
  return messages
}

/** Whether a message can be no other: an array of two whose first number is 32. */
export function holdsOperations(message: Uint8Array): boolean {
  return message[0] === 0x82 && message[1] === 0x18 && message[2] === TAG
}

/** The operations in a message; undefined where it is malformed or of any other kind. */
export function parseOperations(message: Uint8Array): readonly ForwardedOperation[] | undefined {
  if (!holdsOperations(message)) return undefined
  const limits = { maxBytes: MAX_MESSAGE_BYTES, maxDepth: 3, integralFloats: false }
  const parsed = parse(schema, message, limits)
  if (!parsed.ok) return undefined
  return parsed.value[1].map(([id, bytes, deadline]) => {
    return { id, bytes, deadlineMs: deadline ?? undefined }
  })
}
