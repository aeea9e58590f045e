/**
 * Messages between engines, beside those of the cores: operations on their way to the leader,
 * signatures over headers, receipts made of them, and entries for who comes late.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, checkShape, decode, encode, exactBytes, textSchema } from '@folkmoot/codec'
import { MAX_ENTRY_BYTES } from '@folkmoot/consensus'
import * as v from 'valibot'
import type { RaftCode } from '../codes.ts'
import { indexSchema } from '../entry.ts'
import { idSchema, operationSchema } from './batch.ts'

export type EngineMessage =
  /** Operations that the sender was asked to get decided. */
  | { readonly type: 'forward'; readonly ops: readonly Forwarded[] }
  | { readonly type: 'refused'; readonly id: string; readonly code: string }
  /** "An operation of this id is final already", to who passed one on. */
  | { readonly type: 'recorded'; readonly id: string; readonly height: number }
  /**
   * "I executed this entry of the Raft log, if it is decided": its header's hash, signed where the
   * sender is one of those who sign.
   */
  | {
      readonly type: 'share'
      readonly height: number
      readonly index: number
      readonly term: number
      readonly hash: Uint8Array
      readonly signature: Uint8Array | null
    }
  /** Headers with the receipts for them, ascending. */
  | { readonly type: 'receipts'; readonly receipts: readonly SignedReceipt[] }
  /** Entries from this height on, or a snapshot where they are gone. */
  | { readonly type: 'fetch'; readonly height: number }
  | { readonly type: 'entries'; readonly entries: readonly Uint8Array[] }
  /** One piece of an encoded snapshot. */
  | {
      readonly type: 'piece'
      readonly total: number
      readonly offset: number
      readonly bytes: Uint8Array
    }
  /** "The entry of this height is final, and kept here no more." */
  | { readonly type: 'gone'; readonly height: number }

export interface Forwarded {
  readonly id: string
  readonly bytes: Uint8Array
  readonly deadlineMs: number | null
}

export interface SignedReceipt {
  readonly header: Uint8Array
  readonly receipt: Uint8Array
}

/** First type number of engines; those below are the cores'. */
export const FIRST_ENGINE_TYPE = 10
/** Receipts of one message. */
export const MAX_RECEIPTS = 64
/** Bytes of a snapshot in one message. */
export const PIECE_BYTES = 512 * 1024
/** Entries of one message, and their bytes unless the first alone is larger. */
export const MAX_FETCHED = 64
export const MAX_FETCHED_BYTES = 512 * 1024
const MAX_BYTES = MAX_ENTRY_BYTES + 128 * 1024
const MAX_FORWARDED = 1_000

const n = indexSchema
const list = <Item extends v.GenericSchema>(item: Item, max: number) =>
  v.pipe(v.array(item), v.maxLength(max))
const forwardedSchema = v.strictTuple([idSchema, operationSchema, v.nullable(n)])
const schemas = [
  v.strictTuple([v.literal(10), list(forwardedSchema, MAX_FORWARDED)]),
  v.strictTuple([v.literal(11), idSchema, textSchema(64)]),
  v.strictTuple([v.literal(12), n, n, n, exactBytes(32), v.nullable(exactBytes(64))]),
  v.strictTuple([
    v.literal(13),
    list(v.strictTuple([bytesSchema(512), bytesSchema(16 * 1024)]), MAX_RECEIPTS),
  ]),
  v.strictTuple([v.literal(14), n]),
  v.strictTuple([v.literal(15), list(bytesSchema(MAX_ENTRY_BYTES), MAX_FETCHED)]),
  v.strictTuple([v.literal(16), n, n, bytesSchema(PIECE_BYTES)]),
  v.strictTuple([v.literal(17), idSchema, n]),
  v.strictTuple([v.literal(18), n]),
] as const
type Tuple = v.InferOutput<(typeof schemas)[number]>

/** Whether these bytes are for an engine; otherwise they are for its core. */
export function isEngineMessage(bytes: Uint8Array): boolean {
  return (bytes[1] ?? 0) >= FIRST_ENGINE_TYPE
}

export function encodeEngineMessage(m: EngineMessage): Uint8Array {
  switch (m.type) {
    case 'forward':
      return encode([10, m.ops.map(({ id, bytes, deadlineMs }) => [id, bytes, deadlineMs])])
    case 'refused':
      return encode([11, m.id, m.code])
    case 'share':
      return encode([12, m.height, m.index, m.term, m.hash, m.signature])
    case 'receipts':
      return encode([13, m.receipts.map(({ header, receipt }) => [header, receipt])])
    case 'fetch':
      return encode([14, m.height])
    case 'entries':
      return encode([15, [...m.entries]])
    case 'piece':
      return encode([16, m.total, m.offset, m.bytes])
    case 'recorded':
      return encode([17, m.id, m.height])
    case 'gone':
      return encode([18, m.height])
  }
}

export function parseEngineMessage(bytes: Uint8Array): Verdict<{ message: EngineMessage }> {
  const decoded = decode(bytes, { maxBytes: MAX_BYTES, maxDepth: 4 })
  if (!decoded.ok) return malformed(decoded.fault.message)
  const type: unknown = Array.isArray(decoded.value) ? decoded.value[0] : undefined
  const schema: v.GenericSchema<unknown, Tuple> | undefined =
    typeof type === 'number' ? schemas[type - FIRST_ENGINE_TYPE] : undefined
  if (schema === undefined) return malformed('there is no such type')
  const parsed = checkShape(schema, decoded.value)
  return parsed.ok ? { ok: true, message: read(parsed.value) } : malformed(parsed.fault.message)
}

function read(m: Tuple): EngineMessage {
  switch (m[0]) {
    case 10: {
      const ops = m[1].map(([id, bytes, deadlineMs]) => ({ id, bytes, deadlineMs }))
      return { type: 'forward', ops }
    }
    case 11:
      return { type: 'refused', id: m[1], code: m[2] }
    case 12:
      return {
        type: 'share',
        height: m[1],
        index: m[2],
        term: m[3],
        hash: m[4],
        signature: m[5],
      }
    case 13:
      return { type: 'receipts', receipts: m[1].map(([header, receipt]) => ({ header, receipt })) }
    case 14:
      return { type: 'fetch', height: m[1] }
    case 15:
      return { type: 'entries', entries: m[1] }
    case 16:
      return { type: 'piece', total: m[1], offset: m[2], bytes: m[3] }
    case 17:
      return { type: 'recorded', id: m[1], height: m[2] }
    case 18:
      return { type: 'gone', height: m[1] }
  }
}

function malformed(why: string) {
  return refuse('consensus-raft/malformed' satisfies RaftCode, `engine message: ${why}`)
}
