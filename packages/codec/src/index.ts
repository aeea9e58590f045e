/**
 * Canonical bytes for values, content ids, schemas that check them, and RFC 6962 Merkle trees.
 *
 * @example
 * ```ts
 * import { decode, encode } from '@folkmoot/codec'
 *
 * const bytes = encode({ b: 1, a: [true] })
 * const decoded = decode(bytes, { maxBytes: 4096 })
 * if (decoded.ok) console.log(decoded.value)
 * ```
 *
 * @module
 */
export { compareBytes, concatBytes, equalBytes } from './bytes.ts'
export type { CodecCode } from './codes.ts'
export {
  type ContentCodec,
  type ContentId,
  contentIdOf,
  matchesContentId,
  parseContentId,
} from './content-id.ts'
export { checkShape, decode, parse } from './decode.ts'
export { encode } from './encode.ts'
export { encodeByteStrings } from './encode-byte-strings.ts'
export type { DecodeLimits } from './limits.ts'
export { emptyRoot, leafHash, nodeHash } from './merkle-hash.ts'
export { createMerkleTree, type MerkleTree, merkleRoot } from './merkle-tree.ts'
export {
  bytesSchema,
  contentIdSchema,
  exactBytes,
  hashSchema,
  intSchema,
  textSchema,
} from './schemas.ts'
export { sha256 } from './sha256.ts'
export { fromBase64Url, fromHex, fromUtf8, toBase64Url, toHex, utf8 } from './text.ts'
export {
  type ConsistencyClaim,
  type InclusionClaim,
  type SubtreeConsistencyClaim,
  type SubtreeInclusionClaim,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from './verify-merkle.ts'
