/**
 * Bytes as text and back. Every decoder here is strict: one text per byte string, or it throws.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { bytesToHex } from '@noble/hashes/utils.js'
import { base64url } from 'multiformats/bases/base64'
import type { CodecCode } from './codes.ts'

// Present on every platform we run on, absent from the language's own library.
declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const hexPattern = /^(?:[0-9a-f]{2})*$/

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/**
 * The text of UTF-8 bytes; a byte order mark stays part of it.
 *
 * @throws FederationError `codec/text` where the bytes are not valid UTF-8
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw textError('the bytes are not valid UTF-8', cause)
  }
}

/** Lower-case hex, two characters a byte. */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes)
}

/**
 * Reads lower-case hex.
 *
 * @throws FederationError `codec/text` on an odd length or any other character
 */
export function fromHex(text: string): Uint8Array {
  if (!hexPattern.test(text)) throw textError('the text is not lower-case hex')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return base64url.baseEncode(bytes)
}

/**
 * Reads base64url without padding; refuses stray bits, so that one byte string has one text.
 *
 * @throws FederationError `codec/text`
 */
export function fromBase64Url(text: string): Uint8Array {
  try {
    const bytes = base64url.baseDecode(text)
    if (toBase64Url(bytes) === text) return bytes
  } catch (cause) {
    throw textError('the text is not base64url', cause)
  }
  throw textError('the text is not base64url in its shortest form')
}

function textError(message: string, cause?: unknown): FederationError<CodecCode> {
  return new FederationError<CodecCode>('codec/text', message, { cause })
}
