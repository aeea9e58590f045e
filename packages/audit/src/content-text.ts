/**
 * Content as a person can read it: JSON where the bytes are DAG-CBOR, else text, else hex.
 *
 * @module
 */
import { decode, fromUtf8, toBase64Url, toHex } from '@folkmoot/codec'

/** Longest hex that is shown for bytes that are neither. */
const HEX_BYTES = 64

/** Readable text of `content`. */
export function contentText(content: Uint8Array): string {
  const decoded = decode(content)
  if (decoded.ok) return JSON.stringify(plain(decoded.value))
  try {
    return fromUtf8(content)
  } catch {
    return toHex(content.subarray(0, HEX_BYTES)) + (content.length > HEX_BYTES ? '…' : '')
  }
}

/** Bytes in the notation of DAG-JSON. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { '/': { bytes: toBase64Url(value) } }
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}
