/**
 * Digests by which two peers find out which results the other lacks, in messages of bounded size.
 *
 * Up to {@link exactLimit} results a digest lists short ids and the difference is exact. Above it,
 * a digest holds one hash for each of 2,048 buckets of ids; the peer that sees buckets differ
 * answers with a `part`, the short ids of as many of these buckets as fit.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { encode, intSchema, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import { maxDigestBytes } from '../limits.ts'

/** Bytes of an id that a digest carries: 2^64 tries to hide one result behind another. */
export const shortBytes = 8

/** Most short ids in one digest, 32 KiB. */
export const exactLimit = 4_096

/** 2,048 buckets of 8 bytes, 16 KiB; 100,000 units of two results each are about 100 ids a bucket. */
export const bucketCount = 2_048

const packed = (max: number) =>
  v.custom<Uint8Array>(
    (input) =>
      input instanceof Uint8Array &&
      input.length <= max * shortBytes &&
      input.length % shortBytes === 0,
    `at most ${max} short ids`,
  )

const digestSchema = v.variant('kind', [
  /** Every id. */
  v.strictObject({ kind: v.literal('all'), ids: packed(exactLimit) }),
  v.strictObject({
    kind: v.literal('buckets'),
    hashes: v.pipe(
      packed(bucketCount),
      v.check((hashes) => hashes.length === bucketCount * shortBytes, 'one hash a bucket'),
    ),
  }),
  /** Every id in these buckets. */
  v.strictObject({
    kind: v.literal('part'),
    buckets: v.pipe(v.array(intSchema(0, bucketCount - 1)), v.maxLength(bucketCount)),
    ids: packed(exactLimit),
  }),
])

export type Digest = v.InferOutput<typeof digestSchema>

export function encodeDigest(digest: Digest): Uint8Array {
  return encode(digest)
}

/** Refuses with a code of `codec`. */
export function parseDigest(bytes: Uint8Array): Verdict<{ value: Digest }> {
  return parse(digestSchema, bytes, { maxBytes: maxDigestBytes, maxDepth: 3 })
}

/** The first 16 hex characters of an id. */
export function shortId(id: string): string {
  return id.slice(0, shortBytes * 2)
}

/** The bucket of an id: its first 11 bits. */
export function bucketOf(id: string): number {
  return Number.parseInt(id.slice(0, 3), 16) >> 1
}
