/**
 * Proof that two histories were decided: two final headers of which one history holds at most one.
 * They share a height and differ; or the later one does not follow from the one before it; or the
 * later one's history holds another block at the height of the earlier. Under a founder that names
 * the liar; of voters, `bft/evidence.ts` names those who signed both.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { encode, equalBytes, parse } from '@folkmoot/codec'
import type { Checker } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'
import {
  type FinalHeader,
  type FinalityAnchor,
  type FinalityProof,
  finalityProofSchema,
  verifyFinality,
} from './finality.ts'
import { blockId } from './header.ts'
import { type HistoryProof, historyProofSchema, verifyHistory } from './history.ts'
import { MAX_FORK_BYTES } from './limits.ts'

const evidenceSchema = v.union([
  v.strictTuple([v.literal('fork'), finalityProofSchema, finalityProofSchema]),
  v.strictTuple([v.literal('fork'), finalityProofSchema, finalityProofSchema, historyProofSchema]),
])

/**
 * Packs two proofs, the lower height first; where they lie apart, with the other block that the
 * history of the second holds at the height of the first.
 */
export function encodeForkEvidence(
  first: FinalityProof,
  second: FinalityProof,
  other?: HistoryProof,
): Uint8Array {
  if (!other) return encode(['fork', first, second])
  return encode(['fork', first, second, { ...other, path: [...other.path] }])
}

/** The two proofs, unchecked; undefined where the bytes are no evidence of a fork. */
export function parseForkEvidence(
  bytes: Uint8Array,
): readonly [FinalityProof, FinalityProof, HistoryProof?] | undefined {
  const parsed = readEvidence(bytes)
  if (!parsed.ok) return undefined
  const [, ...proofs] = parsed.value
  return proofs
}

function readEvidence(bytes: Uint8Array) {
  return parse(evidenceSchema, bytes, {
    maxBytes: MAX_FORK_BYTES,
    maxDepth: 5,
    integralFloats: false,
  })
}

/** Checks evidence by whose decisions count alone; an honest founder or quorum can never be accused. */
export async function verifyForkEvidence(
  checker: Checker,
  anchor: FinalityAnchor,
  bytes: Uint8Array,
): Promise<Verdict<{ height: number; headers: readonly [FinalHeader, FinalHeader] }>> {
  const parsed = readEvidence(bytes)
  if (!parsed.ok) return refuse('consensus/evidence', `evidence: ${parsed.fault.message}`)
  const [, first, second, other] = parsed.value
  const a = await verifyFinality(checker, anchor, first)
  if (!a.ok) return a
  const b = await verifyFinality(checker, anchor, second)
  if (!b.ok) return b
  if (other ? !differ(a, first, b, other) : !areApart(a, first, b, second)) {
    return refuse(
      'consensus/evidence' satisfies ConsensusCode,
      'the two headers can be part of one history',
    )
  }
  return { ok: true, height: a.height, headers: [a, b] }
}

function areApart(a: FinalHeader, first: FinalityProof, b: FinalHeader, second: FinalityProof) {
  if (a.height === b.height) return !equalBytes(first.header, second.header)
  return b.height === a.height + 1 && !equalBytes(b.parentHash, blockId(first.header))
}

/** Whether the history of `b` holds another block than `first` at the height of `a`. */
function differ(a: FinalHeader, first: FinalityProof, b: FinalHeader, other: HistoryProof) {
  const held = verifyHistory(b, other)
  return held.ok && held.height === a.height && !equalBytes(other.header, first.header)
}
