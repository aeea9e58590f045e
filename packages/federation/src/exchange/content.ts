/**
 * The values in bodies that were checked on their way in, or that this peer made itself.
 *
 * @module
 */
import { decode } from '@folkmoot/codec'

/** Undefined where the bytes hold no value. */
export function contentValue(body: Uint8Array): unknown {
  const decoded = decode(body)
  return decoded.ok ? decoded.value : undefined
}

/** The value inside the body of an `item`. */
export function itemValue(body: Uint8Array): unknown {
  const item = contentValue(body) as { data: Uint8Array }
  return contentValue(item.data)
}
