/**
 * The whole log as one piece: CBOR for proving, JSON lines for reading.
 *
 * @module
 */

import type { Verdict } from '@folkmoot/base'
import { bytesSchema, encode, fromUtf8, intSchema, parse, toBase64Url } from '@folkmoot/codec'
import { peekRecord } from '@folkmoot/identity'
import * as v from 'valibot'
import { MAX_CHECKPOINT_BYTES } from './checkpoint.ts'
import { contentText } from './content-text.ts'
import { readLeaf } from './entry.ts'
import { type SealedEntry, sealedSchema } from './entry-reader.ts'
import { logStatementSchema } from './log-statement.ts'

const MAX_LEAF_BYTES = 64 * 1024
/** Logs before this one that an export tells of: who has begun anew more often has other worries. */
export const MAX_EARLIER = 100
const statementBytes = bytesSchema(4_096)

const exportSchema = v.strictObject({
  v: v.literal(1),
  format: v.literal('folkmoot/audit'),
  /** Signed record, purpose `log`. */
  statement: statementBytes,
  /** Those of the logs that it follows, newest first, as far as they are kept; absent where it follows none. */
  earlier: v.exactOptional(v.pipe(v.array(statementBytes), v.maxLength(MAX_EARLIER))),
  /** Each leaf, and salt and content where they are kept. */
  entries: v.array(v.strictTuple([bytesSchema(MAX_LEAF_BYTES), v.nullable(sealedSchema)])),
  /** Notes, smallest tree first. */
  checkpoints: v.array(bytesSchema(MAX_CHECKPOINT_BYTES)),
  /** What the last opening dropped as never acknowledged. */
  droppedBytes: intSchema(0, Number.MAX_SAFE_INTEGER),
})

export type AuditExport = v.InferOutput<typeof exportSchema>

/** What goes into an export; entries as they are read. */
export interface ExportParts extends Omit<AuditExport, 'entries' | 'format' | 'v'> {
  readonly entries: AsyncIterable<SealedEntry>
}

/** An export is a file that its reader chose to open; the bound only keeps memory in sight. */
const exportLimits = {
  maxBytes: 1024 ** 3,
  maxDepth: 5,
  maxItems: 20_000_000,
  integralFloats: false,
}

/** Canonical bytes of everything. */
export async function buildExport(parts: ExportParts): Promise<Uint8Array> {
  const entries: AuditExport['entries'] = []
  for await (const { leaf, sealed } of parts.entries) {
    entries.push([leaf, sealed ? [sealed.salt, sealed.content] : null])
  }
  const whole: AuditExport = { ...parts, v: 1, format: 'folkmoot/audit', entries }
  return encode(whole)
}

/** Reads an export from anywhere; says nothing about its truth. */
export function parseExport(bytes: Uint8Array): Verdict<{ value: AuditExport }> {
  return parse(exportSchema, bytes, exportLimits)
}

/** The log, then each entry with readable content, then each checkpoint; one JSON object per line. */
export async function buildJsonLines(parts: ExportParts): Promise<string> {
  const lines: string[] = []
  const statement = peekRecord('log', logStatementSchema, parts.statement)
  if (statement.ok) lines.push(JSON.stringify({ type: 'log', ...statement.value }))
  for await (const { leaf, sealed } of parts.entries) {
    const read = readLeaf(leaf)
    if (!read.ok) continue
    const kept = sealed && { salt: toBase64Url(sealed.salt), content: contentText(sealed.content) }
    lines.push(JSON.stringify({ type: 'entry', ...read.entry, ...kept }))
  }
  for (const note of parts.checkpoints) {
    lines.push(JSON.stringify({ type: 'checkpoint', note: fromUtf8(note) }))
  }
  return `${lines.join('\n')}\n`
}
