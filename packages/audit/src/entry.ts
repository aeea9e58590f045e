/**
 * One entry: what is committed to the tree for ever, and the content that may be erased.
 *
 * The leaf holds SHA-256(salt ‖ content) and never the content. Salt and content lie apart and are
 * erased together, after which the hash says nothing about the content and still proves itself.
 *
 * @module
 */
import type { Millis, Verdict } from '@folkmoot/base'
import {
  concatBytes,
  encode,
  hashSchema,
  intSchema,
  parse,
  sha256,
  textSchema,
  toHex,
} from '@folkmoot/codec'
import { instantSchema, peerIdSchema } from '@folkmoot/identity'
import * as v from 'valibot'

const MAX_CAPABILITY = 256
const MAX_REASON = 1_024
/** Names in `guard`, `micros`, `counts`: stages, data classes, counters. */
const MAX_NAME = 128
export const MAX_COUNTS = 256

const countSchema = intSchema(0, Number.MAX_SAFE_INTEGER)
const countsSchema = v.pipe(
  v.record(textSchema(MAX_NAME), countSchema),
  v.check((counts) => Object.keys(counts).length <= MAX_COUNTS, 'too many counts'),
)

export const directions = ['out', 'in', 'local'] as const
export const decisions = ['allowed', 'refused', 'done', 'failed'] as const
export const actions = [
  'call',
  'result',
  'stream',
  'unit',
  'operation',
  'admission',
  'consent',
  'refusal',
  'counter',
] as const
const channels = ['direct', 'relayed', 'websocket', 'tcp', 'bridge', 'local'] as const

/** What a leaf holds. */
export const committedEntrySchema = v.strictObject({
  v: v.literal(1),
  /** Index of the leaf. */
  seq: countSchema,
  at: instantSchema,
  phase: v.picklist(['intent', 'outcome']),
  /** Outcomes: `seq` of the intent. */
  of: v.optional(countSchema),
  direction: v.picklist(directions),
  peer: v.nullable(peerIdSchema),
  action: v.picklist(actions),
  capability: v.nullable(textSchema(MAX_CAPABILITY)),
  /** Id of the envelope or record, in hex. */
  envelope: v.nullable(v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2}){1,64}$/))),
  /** Hex SHA-256(salt ‖ content). */
  contentHash: v.nullable(hashSchema),
  decision: v.picklist(decisions),
  reason: v.nullable(textSchema(MAX_REASON)),
  /** Counts per data class and treatment. */
  guard: v.nullable(countsSchema),
  /** Microseconds per stage. */
  micros: v.nullable(countsSchema),
  channel: v.nullable(v.picklist(channels)),
  /** Counter entries only: what was counted during one minute, and the instant at which it began. */
  counts: v.optional(countsSchema),
  minute: v.optional(instantSchema),
})

export type CommittedEntry = v.InferOutput<typeof committedEntrySchema>
export type Direction = CommittedEntry['direction']
export type Action = CommittedEntry['action']
export type Decision = CommittedEntry['decision']
export type Channel = NonNullable<CommittedEntry['channel']>

/** Salt and content, as long as both are kept. */
export interface Sealed {
  readonly salt: Uint8Array
  /** The bytes as sent, after scrubbing. */
  readonly content: Uint8Array
}

/** An entry as readers see it; without content where there was none or it was erased. */
export type AuditEntry = CommittedEntry & Partial<Sealed>

/** Everything of an entry but its place and time. */
export type EntryFields = Omit<CommittedEntry, 'v' | 'seq' | 'at'>

const leafLimits = { maxBytes: 64 * 1024, maxDepth: 2, maxItems: 2_048, integralFloats: false }

/** The bytes that the tree commits to. */
export function encodeLeaf(seq: number, at: Millis, fields: EntryFields): Uint8Array {
  return encode({ v: 1, seq, at, ...fields })
}

/** Reads a leaf from anywhere. */
export function readLeaf(leaf: Uint8Array): Verdict<{ entry: CommittedEntry }> {
  const parsed = parse(committedEntrySchema, leaf, leafLimits)
  return parsed.ok ? { ok: true, entry: parsed.value } : parsed
}

/** Hex SHA-256(salt ‖ content). */
export function hashContent({ salt, content }: Sealed): string {
  return toHex(sha256(concatBytes(salt, content)))
}

/** Text from outside, cut to what an entry holds and to what has a canonical form. */
export function fitText(text: string | null | undefined, max: number): string | null {
  if (text === null || text === undefined) return null
  const wellFormed = text
    .slice(0, max)
    .toWellFormed()
    .replace(/^\ufeff+/, '')
  return wellFormed === '__proto__' ? '_proto_' : wellFormed
}

export const fitCapability = (text: string | null | undefined) => fitText(text, MAX_CAPABILITY)
export const fitReason = (text: string | null | undefined) => fitText(text, MAX_REASON)

/** Counts as whole numbers that an entry can hold; durations arrive with fractions. */
export function fitCounts(
  counts: Readonly<Record<string, number>> | null | undefined,
): Record<string, number> | null {
  if (!counts) return null
  const fitted = Object.entries(counts)
    .slice(0, MAX_COUNTS)
    .map(([name, count]) => [fitText(name, MAX_NAME)!, whole(count)] as const)
  return Object.fromEntries(fitted)
}

function whole(count: number): number {
  return Number.isFinite(count)
    ? Math.min(Math.max(0, Math.round(count)), Number.MAX_SAFE_INTEGER)
    : 0
}
