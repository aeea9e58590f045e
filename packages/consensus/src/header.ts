/**
 * The header of an entry: what a founder signs and what voters certify. It commits to the
 * operations, the state after them, and every block before.
 *
 * Three forms, told apart by their length: a founder's or a Raft member's eight fields, the same
 * with the hash of the voters who take over, and a block of Byzantine agreement.
 *
 * @module
 */
import { type Millis, refuse, type Verdict } from '@folkmoot/base'
import {
  checkShape,
  decode,
  encode,
  exactBytes,
  fromHex,
  intSchema,
  leafHash,
  sha256,
  toHex,
} from '@folkmoot/codec'
import type { FederationId } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from './codes.ts'

/** What a block of Byzantine agreement says beyond what every header does. */
export interface BftHeader {
  /** At least 1, from 1 on in every epoch. */
  readonly view: number
  /** View of the parent; 0 where the parent belongs to the epoch before. */
  readonly parentView: number
  /** SHA-256 of the proposal's justification, see `bft/proposal.ts`. */
  readonly justifyHash: Uint8Array
  /** {@link END_EPOCH} or {@link VOID}, or 0. */
  readonly flags: number
}

export interface Header {
  readonly instance: FederationId
  /** 0 while the founder alone decides. */
  readonly epoch: number
  /** Of a void block: that of the end block, as it takes none. */
  readonly height: number
  /** Block id of the entry before; 32 zero bytes at height 1. */
  readonly parentHash: Uint8Array
  /** Merkle root over the entry's operations, see `payload.ts`. */
  readonly payloadHash: Uint8Array
  /** The application's root after the entry. */
  readonly stateRoot: Uint8Array
  /** RFC 6962 root over the ids of all blocks before this one that took a height. */
  readonly historyRoot: Uint8Array
  readonly time: Millis
  /** Set in the last entry of an epoch: SHA-256 of the encoded voters of the next. */
  readonly nextSetHash?: Uint8Array
  /** Set in blocks of Byzantine agreement. */
  readonly bft?: BftHeader
}

/** Parent of the first entry. */
export const NO_PARENT: Uint8Array = new Uint8Array(32)
/** Flag: the last entry of its epoch, which names the next voters. */
export const END_EPOCH = 1
/** Flag: follows the end block in its epoch, is empty, and belongs to no history. */
export const VOID = 2

/** Nothing here has a second use for this much, and a header is read before anything is verified. */
export const MAX_HEADER_BYTES = 512

const hash = exactBytes(32)
const safe = (min: number) => intSchema(min, Number.MAX_SAFE_INTEGER)
const plain = [hash, safe(0), safe(1), hash, hash, hash, hash, safe(0)] as const
const plainSchema = v.strictTuple(plain)
const endingSchema = v.strictTuple([...plain, hash])
type PlainFields = v.InferOutput<typeof plainSchema> | v.InferOutput<typeof endingSchema>
const bftSchema = v.strictTuple([
  hash,
  safe(1),
  safe(1),
  safe(0),
  safe(0),
  hash,
  hash,
  hash,
  hash,
  hash,
  safe(0),
  v.picklist([0, END_EPOCH, VOID]),
  v.nullable(hash),
])

export function encodeHeader(header: Header): Uint8Array {
  const { epoch, height, parentHash, payloadHash, stateRoot, historyRoot, time, bft } = header
  const instance = fromHex(header.instance)
  const next = header.nextSetHash
  if (bft) {
    const { view, parentView, justifyHash, flags } = bft
    return encode([
      instance,
      epoch,
      view,
      height,
      parentView,
      parentHash,
      payloadHash,
      stateRoot,
      historyRoot,
      justifyHash,
      time,
      flags,
      next ?? null,
    ])
  }
  const fields = [
    instance,
    epoch,
    height,
    parentHash,
    payloadHash,
    stateRoot,
    historyRoot,
    time,
  ] as const
  return encode(next ? [...fields, next] : fields)
}

/** Reads a header's bytes; says nothing about who signed them. */
export function parseHeader(bytes: Uint8Array): Verdict<{ header: Header }> {
  const decoded = decode(bytes, {
    maxBytes: MAX_HEADER_BYTES,
    maxDepth: 2,
    integralFloats: false,
  })
  if (!decoded.ok) return malformed(decoded.fault.message)
  const length = Array.isArray(decoded.value) ? decoded.value.length : 0
  return length === 13 ? readBft(decoded.value) : readPlain(decoded.value, length)
}

function readPlain(value: unknown, length: number): Verdict<{ header: Header }> {
  const schema: v.GenericSchema<unknown, PlainFields> = length === 9 ? endingSchema : plainSchema
  const shape = checkShape(schema, value)
  if (!shape.ok) return malformed(shape.fault.message)
  const [instance, epoch, height, parentHash, payloadHash, stateRoot, historyRoot, time] =
    shape.value
  const nextSetHash = shape.value[8]
  const header = {
    instance: toHex(instance) as FederationId,
    epoch,
    height,
    parentHash,
    payloadHash,
    stateRoot,
    historyRoot,
    time,
    ...(nextSetHash && { nextSetHash }),
  }
  return { ok: true, header }
}

function readBft(value: unknown): Verdict<{ header: Header }> {
  const shape = checkShape(bftSchema, value)
  if (!shape.ok) return malformed(shape.fault.message)
  const [instance, epoch, view, height, parentView, parentHash, payloadHash, ...rest] = shape.value
  const [stateRoot, historyRoot, justifyHash, time, flags, nextSetHash] = rest
  if (parentView >= view) return malformed('a block follows a block of an earlier view')
  if ((flags === END_EPOCH) !== (nextSetHash !== null)) {
    return malformed('the end of an epoch, and nothing else, names the next voters')
  }
  const header = {
    instance: toHex(instance) as FederationId,
    epoch,
    height,
    parentHash,
    payloadHash,
    stateRoot,
    historyRoot,
    time,
    ...(nextSetHash && { nextSetHash }),
    bft: { view, parentView, justifyHash, flags },
  }
  return { ok: true, header }
}

function malformed(why: string) {
  return refuse('consensus/malformed' satisfies ConsensusCode, `header: ${why}`)
}

/** Whether the block follows an end block in its epoch: final perhaps, but never an entry. */
export function isVoid(header: Header): boolean {
  return header.bft?.flags === VOID
}

/** How many blocks the header's `historyRoot` covers: those of the heights 1 to this. */
export function coveredHeight(header: Header): number {
  return isVoid(header) ? header.height : header.height - 1
}

/** The id of a block: SHA-256 of its header. */
export function blockId(headerBytes: Uint8Array): Uint8Array {
  return sha256(headerBytes)
}

/** A block as a leaf of the history tree. */
export function historyLeaf(headerBytes: Uint8Array): Uint8Array {
  return leafHash(blockId(headerBytes))
}
