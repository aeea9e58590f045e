/**
 * How simulated peers pass submitted operations on, beside the messages of the core: those begin
 * with a DAG-CBOR array, these with a zero byte.
 *
 * @module
 */
import { concatBytes, decode, encode } from '@folkmoot/codec'
import type { PlainOperation } from './text-state.ts'

const MARK = Uint8Array.of(0)

export function encodeOperation({ id, bytes }: PlainOperation): Uint8Array {
  return concatBytes(MARK, encode([id, bytes]))
}

/** Undefined where the message is one of the core. */
export function parseOperation(message: Uint8Array): PlainOperation | undefined {
  if (message[0] !== 0) return undefined
  const read = decode(message.subarray(1))
  if (!read.ok) return undefined
  const [id, bytes] = read.value as [string, Uint8Array]
  return { id, bytes }
}
