/**
 * Every code that this package refuses or throws with.
 *
 * @module
 */
export type CodecCode =
  /** Thrown: the value has no canonical encoding (undefined, NaN, a function, a cycle, …). */
  | 'codec/unencodable'
  /** Thrown: the text is not valid hex, base64url or UTF-8. */
  | 'codec/text'
  /** Thrown: an index or a size lies outside the Merkle tree. */
  | 'codec/merkle-range'
  /** More bytes than the limit. */
  | 'codec/too-large'
  /** Nested deeper than the limit. */
  | 'codec/too-deep'
  /** More items than the limit. */
  | 'codec/too-many-items'
  /** The bytes end inside an item, or a length points past their end. */
  | 'codec/truncated'
  /** Well-formed CBOR, but not the one encoding of its value; or bytes after the value. */
  | 'codec/non-canonical'
  /** Not in the data model: a tag but 42, undefined, NaN, a key that is not text, invalid UTF-8. */
  | 'codec/unsupported'
  /** Decoded, but not of the shape that the schema asks for. */
  | 'codec/schema'
  /** Not a CIDv1 over SHA-256 in base32. */
  | 'codec/content-id'
