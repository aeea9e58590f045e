/**
 * Proofs that an older entry belongs to the history that a newer header commits to, so that one
 * fresh proof of finality covers every decision before it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { exactBytes, intSchema, verifyInclusion } from '@folkmoot/codec'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'
import { historyLeaf, parseHeader } from './header.ts'
import type { Height } from './replicated-log.ts'

export interface HistoryProof {
  /** Header of the older entry. */
  readonly header: Uint8Array
  /** Height of the newer header, whose `historyRoot` covers the heights below it. */
  readonly under: Height
  /** RFC 6962 audit path, 32 bytes each. */
  readonly path: readonly Uint8Array[]
}

/** Shape of a history proof inside exported structures. */
export const historyProofSchema = v.strictObject({
  header: v.pipe(v.instance(Uint8Array), v.maxLength(512)),
  under: intSchema(2, Number.MAX_SAFE_INTEGER),
  path: v.pipe(v.array(exactBytes(32)), v.maxLength(53), v.readonly()),
})

/** Checks an older header against the `historyRoot` of a final one at height `proof.under`. */
export function verifyHistory(
  newer: { readonly height: Height; readonly historyRoot: Uint8Array },
  proof: HistoryProof,
): Verdict<{ height: Height; stateRoot: Uint8Array; payloadHash: Uint8Array }> {
  const shape = v.safeParse(historyProofSchema, proof)
  if (!shape.success || proof.under !== newer.height) {
    return refuse('consensus/malformed' satisfies ConsensusCode, 'this is no proof for that header')
  }
  const head = parseHeader(proof.header)
  if (!head.ok) return head
  const { height, stateRoot, payloadHash } = head.header
  const included =
    height < newer.height &&
    verifyInclusion({
      leafHash: historyLeaf(proof.header),
      index: height - 1,
      size: newer.height - 1,
      proof: proof.path,
      root: newer.historyRoot,
    })
  if (!included) {
    return refuse('consensus/proof' satisfies ConsensusCode, 'the entry is not in that history')
  }
  return { ok: true, height, stateRoot, payloadHash }
}
