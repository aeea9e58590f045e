/**
 * Signed records: a value, the key that signed it, and the signature, for structures that travel
 * and are kept on their own (charters, invitations, operations, results, …).
 *
 * On the wire DAG-CBOR `[body, publicKey, signature]`; `body` is the encoded value, so a verifier
 * hashes the bytes as they came. A record's id leaves the signature out: whoever holds the key
 * could make many signatures over one body.
 *
 * @module
 */
import type { Refused, Verdict } from '@folkmoot/base'
import {
  checkShape,
  type DecodeLimits,
  decode,
  encode,
  encodeByteStrings,
  sha256,
  toHex,
} from '@folkmoot/codec'
import type * as v from 'valibot'
import type { Checker } from './checker.ts'
import { type PeerId, peerIdOf } from './peer-id.ts'
import { mistake, refuse } from './refuse.ts'
import type { Signer } from './signer.ts'
import type { Purpose } from './signing-domains.ts'
import { isNewerVersion } from './version.ts'

export interface OpenedRecord<Value> {
  readonly value: Value
  /** Who signed it. */
  readonly signer: PeerId
  /** 64 hex characters; the same for every signature over this body by this key. */
  readonly id: string
}

interface Parts {
  readonly body: Uint8Array
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
}

/** Encodes and signs `value`. */
export async function sealRecord(
  signer: Signer,
  purpose: Purpose,
  value: unknown,
): Promise<Uint8Array> {
  const body = encode(value)
  return encodeByteStrings(body, signer.publicKey, await signer.sign(purpose, body))
}

/**
 * Like {@link sealRecord}, for a value of a known shape.
 *
 * @throws FederationError `identity/unsealable` where nobody could open it
 */
export async function sealShaped<const Schema extends v.GenericSchema>(
  signer: Signer,
  purpose: Purpose,
  schema: Schema,
  value: v.InferInput<Schema>,
): Promise<Uint8Array> {
  const checked = checkShape(schema, value)
  if (!checked.ok) throw mistake('identity/unsealable', checked.fault.message)
  return sealRecord(signer, purpose, checked.value)
}

/** Opens a record from somebody else: shape first, signature last. */
export async function openRecord<const Schema extends v.GenericSchema>(
  checker: Checker,
  purpose: Purpose,
  schema: Schema,
  bytes: Uint8Array,
  limits?: Partial<DecodeLimits>,
): Promise<Verdict<OpenedRecord<v.InferOutput<Schema>>>> {
  const parts = split(bytes, limits)
  if (!parts.ok) return parts
  const peeked = read(purpose, schema, parts, limits)
  if (!peeked.ok) return peeked
  const genuine = await checker.verify(purpose, peeked.signer, parts.signature, parts.body)
  return genuine ? peeked : refuse('identity/signature', 'the signature does not verify', bytes)
}

/** Everything of {@link openRecord} but the signature: for sorting, never for believing. */
export function peekRecord<const Schema extends v.GenericSchema>(
  purpose: Purpose,
  schema: Schema,
  bytes: Uint8Array,
  limits?: Partial<DecodeLimits>,
): Verdict<OpenedRecord<v.InferOutput<Schema>>> {
  const parts = split(bytes, limits)
  return parts.ok ? read(purpose, schema, parts, limits) : parts
}

/** The bytes that were signed, for whoever derives an id from them. */
export function recordBody(bytes: Uint8Array): Verdict<{ body: Uint8Array }> {
  return split(bytes)
}

function split(bytes: Uint8Array, limits?: Partial<DecodeLimits>): Verdict<Parts> {
  const decoded = decode(bytes, { ...limits, maxDepth: 1, maxItems: 3 })
  if (!decoded.ok) return malformed(decoded.fault.message)
  const parts: unknown[] = Array.isArray(decoded.value) ? decoded.value : []
  const [body, publicKey, signature] = parts
  const fits =
    parts.length === 3 &&
    body instanceof Uint8Array &&
    isBytes(publicKey, 32) &&
    isBytes(signature, 64)
  return fits ? { ok: true, body, publicKey, signature } : malformed('not a signed record')
}

function read<const Schema extends v.GenericSchema>(
  purpose: Purpose,
  schema: Schema,
  { body, publicKey }: Parts,
  limits?: Partial<DecodeLimits>,
): Verdict<OpenedRecord<v.InferOutput<Schema>>> {
  const decoded = decode(body, { ...limits, integralFloats: false })
  if (!decoded.ok) return malformed(decoded.fault.message)
  const checked = checkShape(schema, decoded.value)
  if (!checked.ok) {
    return isNewerVersion(decoded.value)
      ? refuse('identity/newer-version', 'the record is of a version that is not known here')
      : refuse('identity/record-content', checked.fault.message)
  }
  const id = toHex(sha256(encode([purpose, body, publicKey])))
  return { ok: true, value: checked.value, signer: peerIdOf(publicKey), id }
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}

function malformed(message: string): Refused {
  return refuse('identity/record-malformed', message)
}
