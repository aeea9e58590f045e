/**
 * Proof that two histories were decided: two final headers of which one history holds at most one.
 * Either they share a height and differ, or the later one does not follow from the earlier. Under a
 * founder that names the liar; of voters, `evidence.ts` names those who signed both.
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
import { MAX_FORK_BYTES } from './limits.ts'

const evidenceSchema = v.strictTuple([v.literal('fork'), finalityProofSchema, finalityProofSchema])

/** Packs two proofs, the lower height first. */
export function encodeForkEvidence(first: FinalityProof, second: FinalityProof): Uint8Array {
  return encode(['fork', first, second])
}

/** Checks evidence by whose decisions count alone; an honest founder or quorum can never be accused. */
export async function verifyForkEvidence(
  checker: Checker,
  anchor: FinalityAnchor,
  bytes: Uint8Array,
): Promise<Verdict<{ height: number; headers: readonly [FinalHeader, FinalHeader] }>> {
  const parsed = parse(evidenceSchema, bytes, {
    maxBytes: MAX_FORK_BYTES,
    maxDepth: 5,
    integralFloats: false,
  })
  if (!parsed.ok) return refuse('consensus/evidence', `evidence: ${parsed.fault.message}`)
  const [, first, second] = parsed.value
  const a = await verifyFinality(checker, anchor, first)
  if (!a.ok) return a
  const b = await verifyFinality(checker, anchor, second)
  if (!b.ok) return b
  const sameHeight = a.height === b.height && !equalBytes(first.header, second.header)
  const broken = b.height === a.height + 1 && !equalBytes(b.parentHash, blockId(first.header))
  if (!sameHeight && !broken) {
    return refuse(
      'consensus/evidence' satisfies ConsensusCode,
      'the two headers can be part of one history',
    )
  }
  return { ok: true, height: a.height, headers: [a, b] }
}
