/**
 * The operations of an entry as a Merkle tree, so that one of them is provable without the rest.
 *
 * A leaf commits to the id, the bytes and the recorded outcome: a proof about an operation that was
 * refused says so and cannot pass for one about an operation that took effect.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import {
  bytesSchema,
  createMerkleTree,
  encode,
  exactBytes,
  intSchema,
  leafHash,
  merkleRoot,
  textSchema,
  verifyInclusion,
} from '@folkmoot/codec'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'
import {
  MAX_ENTRY_OPERATIONS,
  MAX_ID_LENGTH,
  MAX_OPERATION_BYTES,
  MAX_REFUSAL_LENGTH,
} from './limits.ts'
import type { FinalEntry } from './replicated-log.ts'

/** One operation as an entry carries it. */
export interface RecordedOperation {
  readonly id: string
  readonly bytes: Uint8Array
  /** The code it was refused with; null when it took effect. */
  readonly refusal: string | null
}

export interface OperationProof {
  readonly id: string
  readonly refusal: string | null
  readonly index: number
  readonly size: number
  /** RFC 6962 audit path, 32 bytes each. */
  readonly path: readonly Uint8Array[]
}

/** Printable ASCII without spaces, and not the one text that canonical bytes reserve. */
const printable = (max: number) =>
  v.pipe(
    textSchema(max),
    v.regex(/^[!-~]+$/),
    v.check((text) => text !== '__proto__', 'text that is not reserved'),
  )

/** An operation's id. */
export const operationIdSchema = printable(MAX_ID_LENGTH)
/** The code that a refusal is recorded under. */
export const refusalSchema = printable(MAX_REFUSAL_LENGTH)

/** Operations as entries and proposals carry them: `[[id, op, refusal], …]`, no id twice. */
export const operationsSchema = v.pipe(
  v.array(
    v.strictTuple([operationIdSchema, bytesSchema(MAX_OPERATION_BYTES), v.nullable(refusalSchema)]),
  ),
  v.maxLength(MAX_ENTRY_OPERATIONS),
  v.check(
    (ops) => new Set(ops.map(([id]) => id)).size === ops.length,
    'operations of their own ids',
  ),
  v.transform((ops) =>
    ops.map(([id, bytes, refusal]): RecordedOperation => ({ id, bytes, refusal })),
  ),
)

/** Operations as the value that {@link operationsSchema} reads. */
export function operationTuples(ops: readonly RecordedOperation[]) {
  return ops.map(({ id, bytes, refusal }) => [id, bytes, refusal] as const)
}

/** Shape of an operation proof inside exported structures. */
export const operationProofSchema = v.strictObject({
  id: operationIdSchema,
  refusal: v.nullable(refusalSchema),
  index: intSchema(0, MAX_ENTRY_OPERATIONS - 1),
  size: intSchema(1, MAX_ENTRY_OPERATIONS),
  path: v.pipe(v.array(exactBytes(32)), v.maxLength(10)),
})

/** The code that an outcome is recorded under. */
export function refusalOf(outcome: Verdict): string | null {
  if (outcome.ok) return null
  const { code } = outcome.fault
  return v.is(refusalSchema, code) ? code : 'consensus/refused'
}

export function operationLeaf(op: RecordedOperation): Uint8Array {
  return leafHash(encode([op.id, op.bytes, op.refusal]))
}

/** What a header's `payloadHash` commits to. */
export function payloadRoot(ops: readonly RecordedOperation[]): Uint8Array {
  return merkleRoot(ops.map(operationLeaf))
}

/** Proves that the entry holds its operation number `index`, with its outcome. */
export function proveOperation(entry: FinalEntry, index: number): OperationProof {
  const recorded = entry.ops.map((op) => ({ ...op, refusal: refusalOf(op.outcome) }))
  const chosen = recorded[index]
  if (chosen === undefined) {
    throw new RangeError(`the entry has ${recorded.length} operations, none at ${index}`)
  }
  const tree = createMerkleTree(recorded.map(operationLeaf))
  return {
    id: chosen.id,
    refusal: chosen.refusal,
    index,
    size: recorded.length,
    path: tree.inclusion(index),
  }
}

/** Checks that `op` is in the entry that a final header commits to, and how it came out. */
export function verifyOperation(
  payloadHash: Uint8Array,
  op: Uint8Array,
  proof: OperationProof,
): Verdict<{ id: string; refusal: string | null }> {
  const shape = v.safeParse(operationProofSchema, proof)
  if (!shape.success) {
    return refuse('consensus/malformed' satisfies ConsensusCode, 'this is no operation proof')
  }
  const { id, refusal, index, size, path } = proof
  const leaf = operationLeaf({ id, bytes: op, refusal })
  if (!verifyInclusion({ leafHash: leaf, index, size, proof: path, root: payloadHash })) {
    return refuse(
      'consensus/proof' satisfies ConsensusCode,
      'the operation is not in the entry, or not with this outcome',
    )
  }
  return { ok: true, id, refusal }
}
