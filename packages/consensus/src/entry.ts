/**
 * An entry on the wire and on disk: `[1, proof, [[id, op, refusal], …]]`.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { encode, equalBytes, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'
import { type FinalityProof, finalityProofSchema } from './finality.ts'
import { type Header, isVoid, parseHeader } from './header.ts'
import { MAX_ENTRY_BYTES } from './limits.ts'
import {
  operationsSchema,
  operationTuples,
  payloadRoot,
  type RecordedOperation,
} from './payload.ts'

export interface ParsedEntry {
  readonly header: Header
  readonly proof: FinalityProof
  readonly ops: readonly RecordedOperation[]
}

const entrySchema = v.strictTuple([v.literal(1), finalityProofSchema, operationsSchema])

export function encodeEntry(proof: FinalityProof, ops: readonly RecordedOperation[]): Uint8Array {
  return encode([1, proof, operationTuples(ops)])
}

/** Reads an entry and checks that its header commits to its operations; signatures are left to the caller. */
export function parseEntry(bytes: Uint8Array): Verdict<{ entry: ParsedEntry }> {
  const limits = { maxBytes: MAX_ENTRY_BYTES, maxDepth: 5, integralFloats: false }
  const parsed = parse(entrySchema, bytes, limits)
  if (!parsed.ok) {
    return refuse('consensus/malformed' satisfies ConsensusCode, `entry: ${parsed.fault.message}`)
  }
  const [, proof, ops] = parsed.value
  const head = parseHeader(proof.header)
  if (!head.ok) return head
  if (isVoid(head.header)) {
    return refuse('consensus/malformed' satisfies ConsensusCode, 'entry: a void block is none')
  }
  if (!equalBytes(payloadRoot(ops), head.header.payloadHash)) {
    return refuse(
      'consensus/payload-mismatch' satisfies ConsensusCode,
      'the operations are not those of the header',
    )
  }
  return { ok: true, entry: { header: head.header, proof, ops } }
}
