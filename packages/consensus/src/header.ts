/**
 * The header of an entry: what a founder signs and what voters will certify. It commits to the
 * operations, the state after them, and every block before.
 *
 * @module
 */
import { type Millis, refuse, type Verdict } from '@folkmoot/base'
import {
  encode,
  exactBytes,
  fromHex,
  intSchema,
  leafHash,
  parse,
  sha256,
  toHex,
} from '@folkmoot/codec'
import type { FederationId } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'

export interface Header {
  readonly instance: FederationId
  readonly epoch: number
  readonly height: number
  /** Block id of the entry before; 32 zero bytes at height 1. */
  readonly parentHash: Uint8Array
  /** Merkle root over the entry's operations, see `payload.ts`. */
  readonly payloadHash: Uint8Array
  /** The application's root after the entry. */
  readonly stateRoot: Uint8Array
  /** RFC 6962 root over the ids of all blocks before this one. */
  readonly historyRoot: Uint8Array
  readonly time: Millis
}

/** Parent of the first entry. */
export const NO_PARENT = new Uint8Array(32)

/** Nothing here has a second use for this much, and a header is read before anything is verified. */
const MAX_HEADER_BYTES = 512

const hash = exactBytes(32)
const headerSchema = v.strictTuple([
  hash,
  intSchema(0, Number.MAX_SAFE_INTEGER),
  intSchema(1, Number.MAX_SAFE_INTEGER),
  hash,
  hash,
  hash,
  hash,
  intSchema(0, Number.MAX_SAFE_INTEGER),
])

export function encodeHeader(header: Header): Uint8Array {
  return encode([
    fromHex(header.instance),
    header.epoch,
    header.height,
    header.parentHash,
    header.payloadHash,
    header.stateRoot,
    header.historyRoot,
    header.time,
  ])
}

/** Reads a header's bytes; says nothing about who signed them. */
export function parseHeader(bytes: Uint8Array): Verdict<{ header: Header }> {
  const parsed = parse(headerSchema, bytes, {
    maxBytes: MAX_HEADER_BYTES,
    maxDepth: 2,
    integralFloats: false,
  })
  if (!parsed.ok) {
    return refuse('consensus/malformed' satisfies ConsensusCode, `header: ${parsed.fault.message}`)
  }
  const [instance, epoch, height, parentHash, payloadHash, stateRoot, historyRoot, time] =
    parsed.value
  return {
    ok: true,
    header: {
      instance: toHex(instance) as FederationId,
      epoch,
      height,
      parentHash,
      payloadHash,
      stateRoot,
      historyRoot,
      time,
    },
  }
}

/** The id of a block: SHA-256 of its header. */
export function blockId(headerBytes: Uint8Array): Uint8Array {
  return sha256(headerBytes)
}

/** A block as a leaf of the history tree. */
export function historyLeaf(headerBytes: Uint8Array): Uint8Array {
  return leafHash(blockId(headerBytes))
}
