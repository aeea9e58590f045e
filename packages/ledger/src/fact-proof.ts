/**
 * Proofs that the state holds a fact, or that it holds none under a key, for someone who knows a
 * final state root and nothing else.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import {
  bytesSchema,
  emptyRoot,
  equalBytes,
  exactBytes,
  intSchema,
  textSchema,
} from '@folkmoot/codec'
import * as v from 'valibot'
import type { LedgerCode } from './codes.ts'
import { bitAt, branchHash, factLeaf, factPath } from './fact-tree.ts'

/** The longest key names a study and a peer. */
const MAX_KEY_LENGTH = 200
const MAX_VALUE_BYTES = 256 * 1024

/** Shape of a fact proof inside exported structures. */
export const factProofSchema = v.strictObject({
  /** What was asked for. */
  key: textSchema(MAX_KEY_LENGTH),
  /** The leaf found there: that of `key`, or of another key if `key` is absent; null in an empty state. */
  leaf: v.nullable(
    v.strictObject({ key: textSchema(MAX_KEY_LENGTH), value: bytesSchema(MAX_VALUE_BYTES) }),
  ),
  /** From the root to the leaf. */
  steps: v.pipe(
    v.array(v.strictObject({ bit: intSchema(0, 255), sibling: exactBytes(32) })),
    v.maxLength(256),
  ),
})

export type FactProof = v.InferOutput<typeof factProofSchema>

/** The proven value of `proof.key` under a state root; undefined when its absence is proven. */
export function verifyFact(
  stateRoot: Uint8Array,
  proof: FactProof,
): Verdict<{ key: string; value: Uint8Array | undefined }> {
  if (!v.safeParse(factProofSchema, proof).success) {
    return refuse('ledger/proof' satisfies LedgerCode, 'this is no fact proof')
  }
  const { key, leaf, steps } = proof
  const root = leaf ? rootFrom(key, leaf, steps) : emptyRoot
  if ((!leaf && steps.length > 0) || !equalBytes(root, stateRoot)) {
    return refuse('ledger/proof' satisfies LedgerCode, 'the proof does not lead to the state root')
  }
  return { ok: true, key, value: leaf?.key === key ? leaf.value : undefined }
}

/**
 * The root over a leaf that lies where a search for `key` ends. Inner nodes commit to the bits they
 * branch on, so no other place gives the same root.
 */
function rootFrom(
  key: string,
  leaf: { key: string; value: Uint8Array },
  steps: FactProof['steps'],
): Uint8Array {
  const path = factPath(key)
  let hash = factLeaf(leaf.key, leaf.value)
  for (const { bit, sibling } of steps.toReversed()) {
    hash = bitAt(path, bit) ? branchHash(bit, sibling, hash) : branchHash(bit, hash, sibling)
  }
  return hash
}
