/**
 * Content ids: CIDv1, SHA-256, base32, as strings. Only the codecs `raw` and `dag-cbor` are used,
 * so an id has exactly one text.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { base32 } from 'multiformats/bases/base32'
import { equalBytes } from './bytes.ts'
import type { CodecCode } from './codes.ts'
import { sha256 } from './sha256.ts'

/** A CIDv1 in base32, 59 characters: `bafkrei…` (raw) or `bafyrei…` (dag-cbor). */
export type ContentId = string & { readonly __contentId: true }

export type ContentCodec = 'raw' | 'dag-cbor'

const CODES: Readonly<Record<ContentCodec, number>> = { raw: 0x55, 'dag-cbor': 0x71 }
const SHA2_256 = 0x12
const TEXT_LENGTH = 59

/** The id of `bytes`. */
export function contentIdOf(bytes: Uint8Array, codec: ContentCodec = 'raw'): ContentId {
  const id = new Uint8Array(36)
  id.set([1, CODES[codec], SHA2_256, 32])
  id.set(sha256(bytes), 4)
  return base32.encode(id) as string as ContentId
}

/** Reads an id written by {@link contentIdOf}; every other form is refused. */
export function parseContentId(text: string): Verdict<{ id: ContentId }> {
  return idBytes(text) === undefined
    ? refuse('codec/content-id' satisfies CodecCode, 'not a base32 CIDv1 over SHA-256')
    : { ok: true, id: text as ContentId }
}

/** Whether `id` names `bytes`. An id that does not parse names nothing. */
export function matchesContentId(id: ContentId, bytes: Uint8Array): boolean {
  const parsed = idBytes(id)
  return parsed !== undefined && equalBytes(parsed.subarray(4), sha256(bytes))
}

function idBytes(text: string): Uint8Array | undefined {
  if (text.length !== TEXT_LENGTH || text[0] !== 'b') return undefined
  try {
    const bytes = base32.decode(text as `b${string}`)
    const known = bytes[1] === CODES.raw || bytes[1] === CODES['dag-cbor']
    const header = bytes[0] === 1 && known && bytes[2] === SHA2_256 && bytes[3] === 32
    return header && bytes.length === 36 && base32.encode(bytes) === text ? bytes : undefined
  } catch {
    return undefined
  }
}
