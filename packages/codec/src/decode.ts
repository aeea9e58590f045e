/**
 * Canonical DAG-CBOR to values, and to values of a known shape.
 *
 * @module
 */
import { type Refused, refuse, type Verdict } from '@folkmoot/base'
import { decode as decodeCbor } from '@ipld/dag-cbor'
import * as v from 'valibot'
import { checkCanonical } from './check-canonical.ts'
import type { CodecCode } from './codes.ts'
import { type DecodeLimits, resolveLimits } from './limits.ts'

/**
 * The value of canonical bytes. Integers outside the safe range come as `bigint`; byte strings are
 * copies, never views of the input.
 */
export function decode(
  bytes: Uint8Array,
  limits?: Partial<DecodeLimits>,
): Verdict<{ value: unknown }> {
  const fault = checkCanonical(bytes, resolveLimits(limits))
  if (fault !== undefined) return { ok: false, fault }
  try {
    return { ok: true, value: decodeCbor(plain(bytes)) }
  } catch {
    // Unreachable while the walker is the stricter of the two; a new library version may differ.
    return refuseCodec('codec/unsupported', 'the bytes do not decode')
  }
}

/** Decodes and checks against a valibot schema; the fault names the path of the first problem. */
export function parse<const Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
  limits?: Partial<DecodeLimits>,
): Verdict<{ value: v.InferOutput<Schema> }> {
  const decoded = decode(bytes, limits)
  return decoded.ok ? checkShape(schema, decoded.value) : decoded
}

/** The second half of {@link parse}, for a value that is already decoded. */
export function checkShape<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): Verdict<{ value: v.InferOutput<Schema> }> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return { ok: true, value: result.output }
  const issue = result.issues[0]
  const own = issue.type === 'custom' || issue.type === 'check'
  const expected = own ? issue.message : (issue.expected ?? issue.type)
  const path = issue.expected === 'never' ? null : v.getDotPath(issue)
  return refuseCodec('codec/schema', describe(path, expected))
}

/** A path with our own names in it; a peer's record may use others as keys. */
const PRINTABLE_PATH = /^[\w.-]{1,80}$/

/**
 * Never the received value, nor a field that only the sender knows: faults end in logs, and both
 * may be personal.
 */
function describe(path: string | null, expected: string): string {
  if (expected === 'never') return 'there is a field that does not belong'
  if (path === null) return `the value is not ${expected}`
  return PRINTABLE_PATH.test(path)
    ? `the field ${path} is not ${expected}`
    : `a field is not ${expected}`
}

/** Node's `Buffer` slices without copying, so decoded byte strings would alias the input. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function refuseCodec(code: CodecCode, message: string): Refused {
  return refuse(code, message)
}
