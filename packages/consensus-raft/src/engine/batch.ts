/**
 * What an entry of kind `data` holds: operations that become one entry of the ledger, `[time, [[id,
 * operation], …], turn]`. The leader's time travels with them, so that every member gives the header
 * the same.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { bytesSchema, encode, exactBytes, parse } from '@folkmoot/codec'
import { MAX_ENTRY_OPERATIONS, MAX_ID_LENGTH, MAX_OPERATION_BYTES } from '@folkmoot/consensus'
import * as v from 'valibot'
import { indexSchema, MAX_ENTRY_DATA_BYTES } from '../entry.ts'

export interface BatchOperation {
  readonly id: string
  readonly bytes: Uint8Array
}

export interface Batch {
  readonly time: Millis
  readonly ops: readonly BatchOperation[]
  /** Hash of the next voters, whom this entry ends the epoch for; null where it ends none. */
  readonly turn: Uint8Array | null
}

export const idSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ID_LENGTH))
export const operationSchema = bytesSchema(MAX_OPERATION_BYTES)
const batchSchema = v.strictTuple([
  indexSchema,
  v.pipe(v.array(v.strictTuple([idSchema, operationSchema])), v.maxLength(MAX_ENTRY_OPERATIONS)),
  v.nullable(exactBytes(32)),
])

export function encodeBatch({ time, ops, turn }: Batch): Uint8Array {
  return encode([Math.trunc(time), ops.map(({ id, bytes }) => [id, bytes]), turn])
}

/** Undefined where no leader of this version wrote the bytes. */
export function parseBatch(bytes: Uint8Array): Batch | undefined {
  const parsed = parse(batchSchema, bytes, { maxBytes: MAX_ENTRY_DATA_BYTES, maxDepth: 4 })
  if (!parsed.ok) return undefined
  const [time, tuples, turn] = parsed.value
  return { time, ops: tuples.map(([id, op]) => ({ id, bytes: op })), turn }
}
