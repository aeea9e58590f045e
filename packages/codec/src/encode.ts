/**
 * Values to canonical DAG-CBOR: one value, one byte string.
 *
 * Stricter than `@ipld/dag-cbor` where two different values would otherwise share bytes or a
 * decoder would change them: lone surrogates, a leading byte order mark, the key `__proto__`.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { encodeOptions } from '@ipld/dag-cbor'
import { encode as encodeCbor } from 'cborg'
import type { CodecCode } from './codes.ts'

const options = {
  ...encodeOptions,
  typeEncoders: { ...encodeOptions.typeEncoders, string: checkText },
}

/**
 * Canonical DAG-CBOR of `value`: maps sorted, integers shortest, floats 64 bit.
 * A number that is a safe integer is written as an integer.
 *
 * @throws FederationError `codec/unencodable`: undefined, NaN, Infinity, a function, a symbol, a
 * cycle, a date, text that is not well formed
 */
export function encode(value: unknown): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = encodeCbor(value, options)
  } catch (cause) {
    throw new FederationError<CodecCode>('codec/unencodable', 'the value has no canonical form', {
      cause,
    })
  }
  // In Node the library hands out views into a shared pool; ours own their memory.
  return new Uint8Array(bytes)
}

function checkText(text: string): null {
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate has no UTF-8 form')
  if (text.charCodeAt(0) === 0xfeff) throw new TypeError('text starts with a byte order mark')
  if (text === '__proto__') throw new TypeError('the text `__proto__` is reserved')
  return null
}
