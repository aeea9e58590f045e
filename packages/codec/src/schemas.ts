/**
 * Schema pieces for valibot that the wire formats share.
 *
 * @module
 */
import * as v from 'valibot'
import { type ContentId, parseContentId } from './content-id.ts'

/** At most `max` bytes. */
export function bytesSchema(max: number) {
  return v.custom<Uint8Array>(
    (input) => input instanceof Uint8Array && input.length <= max,
    `at most ${max} bytes`,
  )
}

/** Exactly `length` bytes. */
export function exactBytes(length: number) {
  return v.custom<Uint8Array>(
    (input) => input instanceof Uint8Array && input.length === length,
    `${length} bytes`,
  )
}

/** Text of at most `max` UTF-16 code units; the empty text passes. */
export function textSchema(max: number) {
  return v.pipe(v.string(), v.maxLength(max))
}

/** A safe integer from `min` to `max`, both included. */
export function intSchema(min: number, max: number) {
  return v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max))
}

/** A {@link ContentId}. */
export const contentIdSchema = v.custom<ContentId>(
  (input) => typeof input === 'string' && parseContentId(input).ok,
  'a content id',
)

/** SHA-256 as 64 lower-case hex characters. */
export const hashSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
