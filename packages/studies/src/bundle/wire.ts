/**
 * The file format of a bundle: one DAG-CBOR value in which every byte is covered by a signature, a
 * hash, or the run of `reduce`.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { bytesSchema, encode, exactBytes, hashSchema, intSchema, parse } from '@folkmoot/codec'
import { epochLinkSchema, finalityProofSchema, operationProofSchema } from '@folkmoot/consensus'
import * as v from 'valibot'
import { maxLeafResults } from '../batch.ts'
import {
  maxAnswerBytes,
  maxBlockBytes,
  maxBundleBytes,
  maxInputs,
  maxOutputBytes,
  maxUnits,
} from '../limits.ts'

/** About 14 items for a unit with two results, at 100,000 units, and as much again. */
const maxItems = 4_000_000

/** Changes of voters between the charter and the last entry. */
const maxEpochs = 10_000

/** Workers whose results count in one bundle. */
const maxWorkers = 65_536

/** Ledger entries, and operations in each, that one bundle rests on. */
const maxEntries = 100_000
const maxEntryOperations = 1_000

/** An operation as large as any engine records. */
const maxOperationBytes = 256 * 1024

/** `[worker, seq, at, signature]`: what the signed result says beyond its study, unit and output. */
const compactResultSchema = v.strictTuple([
  intSchema(0, maxWorkers - 1),
  intSchema(0, 0xffff_ffff),
  intSchema(0, Number.MAX_SAFE_INTEGER),
  exactBytes(64),
])

/** `[unit, output, results]`. */
const bundleUnitSchema = v.strictTuple([
  intSchema(0, maxUnits - 1),
  bytesSchema(maxOutputBytes),
  v.pipe(v.array(compactResultSchema), v.minLength(1), v.maxLength(maxLeafResults)),
])

/** `[proof of finality, [[operation, proof of inclusion], …]]`. */
const bundleEntrySchema = v.strictTuple([
  finalityProofSchema,
  v.pipe(
    v.array(v.strictTuple([bytesSchema(maxOperationBytes), operationProofSchema])),
    v.minLength(1),
    v.maxLength(maxEntryOperations),
  ),
])

const bundleSchema = v.strictObject({
  kind: v.literal('folkmoot-bundle'),
  v: v.literal(1),
  charter: bytesSchema(65_536),
  /** The last entry of every epoch before; absent where the founder alone decided. */
  epochs: v.exactOptional(v.pipe(v.array(epochLinkSchema), v.minLength(1), v.maxLength(maxEpochs))),
  /** In order of height. */
  entries: v.pipe(v.array(bundleEntrySchema), v.minLength(1), v.maxLength(maxEntries)),
  study: hashSchema,
  code: bytesSchema(maxBlockBytes),
  reduce: bytesSchema(maxBlockBytes),
  /** In the order of the manifest. */
  inputs: v.pipe(v.array(bytesSchema(maxBlockBytes)), v.maxLength(maxInputs)),
  /** Public keys. */
  workers: v.pipe(v.array(exactBytes(32)), v.maxLength(maxWorkers)),
  /** In order of unit numbers. */
  units: v.pipe(v.array(bundleUnitSchema), v.minLength(1), v.maxLength(maxUnits)),
  answer: bytesSchema(maxAnswerBytes),
})

export type Bundle = v.InferOutput<typeof bundleSchema>
export type BundleEntry = v.InferOutput<typeof bundleEntrySchema>
export type BundleUnit = v.InferOutput<typeof bundleUnitSchema>
export type CompactResult = v.InferOutput<typeof compactResultSchema>

export function encodeBundle(bundle: Bundle): Uint8Array {
  return encode(bundle)
}

/** Reads a bundle without checking anything it claims. Refuses with a code of `codec`. */
export function parseBundle(bytes: Uint8Array): Verdict<{ value: Bundle }> {
  return parse(bundleSchema, bytes, { maxBytes: maxBundleBytes, maxItems })
}
