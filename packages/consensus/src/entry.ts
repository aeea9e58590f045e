/**
 * An entry on the wire and on disk: `[1, proof, [[id, op, refusal], …]]`.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, encode, equalBytes, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'
import { type FinalityProof, finalityProofSchema } from './finality.ts'
import { type Header, parseHeader } from './header.ts'
import { MAX_ENTRY_BYTES, MAX_ENTRY_OPERATIONS, MAX_OPERATION_BYTES } from './limits.ts'
import { operationIdSchema, payloadRoot, type RecordedOperation, refusalSchema } from './payload.ts'

export interface ParsedEntry {
  readonly header: Header
  readonly proof: FinalityProof
  readonly ops: readonly RecordedOperation[]
}

const entrySchema = v.strictTuple([
  v.literal(1),
  finalityProofSchema,
  v.pipe(
    v.array(
      v.strictTuple([
        operationIdSchema,
        bytesSchema(MAX_OPERATION_BYTES),
        v.nullable(refusalSchema),
      ]),
    ),
    v.maxLength(MAX_ENTRY_OPERATIONS),
  ),
])

export function encodeEntry(proof: FinalityProof, ops: readonly RecordedOperation[]): Uint8Array {
  return encode([1, { ...proof }, ops.map((op) => [op.id, op.bytes, op.refusal])])
}

/** Reads an entry and checks that its header commits to its operations; signatures are left to the caller. */
export function parseEntry(bytes: Uint8Array): Verdict<{ entry: ParsedEntry }> {
  const parsed = parse(entrySchema, bytes, {
    maxBytes: MAX_ENTRY_BYTES,
    maxDepth: 4,
    integralFloats: false,
  })
  if (!parsed.ok) {
    return refuse('consensus/malformed' satisfies ConsensusCode, `entry: ${parsed.fault.message}`)
  }
  const [, proof, tuples] = parsed.value
  const head = parseHeader(proof.header)
  if (!head.ok) return head
  const ops = tuples.map(([id, bytes, refusal]) => ({ id, bytes, refusal }))
  if (new Set(ops.map((op) => op.id)).size !== ops.length) {
    return refuse(
      'consensus/malformed' satisfies ConsensusCode,
      'entry: two operations share an id',
    )
  }
  if (!equalBytes(payloadRoot(ops), head.header.payloadHash)) {
    return refuse(
      'consensus/payload-mismatch' satisfies ConsensusCode,
      'the operations are not those of the header',
    )
  }
  return { ok: true, entry: { header: head.header, proof, ops } }
}
