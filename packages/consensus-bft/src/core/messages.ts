/**
 * What voters and observers say to each other: DAG-CBOR arrays that begin with a number. Nothing is
 * believed because of who sent it; what counts carries signatures by vote keys.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, checkShape, decode, encode, exactBytes, intSchema } from '@folkmoot/codec'
import {
  type Certificate,
  certificateSchema,
  certificateTuple,
  MAX_ENTRY_BYTES,
  MAX_PROPOSAL_BYTES,
  type Vote,
  voteSchema,
  voteTuple,
} from '@folkmoot/consensus'
import * as v from 'valibot'
import type { ConsensusBftCode } from '../codes.ts'

/** Largest message, in bytes: the largest proposal and what is around it; one frame has 1 MiB. */
export const MAX_MESSAGE_BYTES = 1_023 * 1024
/** Most certificates in one answer to a Status. */
export const MAX_REPAIR_CERTIFICATES = 48
/** Most votes in one answer to a Status. */
export const MAX_REPAIR_VOTES = 96
/** Most votes in one answer to a voter that asks for its own. */
export const MAX_RECALLED = 8
/** Most views that a Status names. */
export const MAX_HELD_VIEWS = 256
/** Most blocks or entries in one answer. */
export const MAX_ITEMS = 256
/** Bytes of entries in one answer, unless the first alone is larger: the largest fits a message too. */
export const MAX_ENTRIES_BYTES = 900 * 1024

/** "This is where I stand": sent on connecting and while nothing moves. */
export interface Status {
  readonly type: 'status'
  readonly epoch: number
  /** View and height of the newest final block. */
  readonly finalView: number
  readonly finalHeight: number
  readonly currentView: number
  /** Views above `finalView` whose certificate N, S is held. */
  readonly notarised: readonly number[]
  readonly nullified: readonly number[]
}

export type Message =
  | { readonly type: 'vote'; readonly vote: Vote }
  /** `vote` is the leader's own N. */
  | { readonly type: 'proposal'; readonly proposal: Uint8Array; readonly vote: Vote | null }
  | { readonly type: 'certificate'; readonly certificate: Certificate }
  | Status
  /** Answer to a Status: what the asker lacks, and the replier's own votes, newest first. */
  | {
      readonly type: 'repair'
      readonly certificates: readonly Certificate[]
      readonly votes: readonly Vote[]
    }
  /** "Send me this block and those before it, above this height." */
  | {
      readonly type: 'want'
      readonly epoch: number
      readonly id: Uint8Array
      readonly above: number
    }
  /** Encoded proposals, newest first. */
  | { readonly type: 'blocks'; readonly proposals: readonly Uint8Array[] }
  /** Encoded final entries, ascending. */
  | { readonly type: 'entries'; readonly entries: readonly Uint8Array[] }
  /** A voter of epoch `epoch`, the next one, is synced. */
  | {
      readonly type: 'ready'
      readonly epoch: number
      readonly setHash: Uint8Array
      readonly stateRoot: Uint8Array
      readonly voter: number
      readonly signature: Uint8Array
    }
  /** "Which is the newest vote of mine that you saw?" */
  | { readonly type: 'recall'; readonly epoch: number }
  | { readonly type: 'recalled'; readonly epoch: number; readonly votes: readonly Vote[] }
  /** "Up to which view may something be final?" */
  | { readonly type: 'tip-request'; readonly nonce: number }
  /** `certificate` is N or F of the highest view that the replier has finalised or may have. */
  | {
      readonly type: 'tip'
      readonly nonce: number
      readonly epoch: number
      readonly view: number
      readonly certificate: Certificate | null
    }

const count = intSchema(0, Number.MAX_SAFE_INTEGER)
const views = v.pipe(v.array(count), v.maxLength(MAX_HELD_VIEWS))
const votes = (max: number) => v.pipe(v.array(voteSchema), v.maxLength(max))
const parcels = (maxBytes: number) => v.pipe(v.array(bytesSchema(maxBytes)), v.maxLength(MAX_ITEMS))

const schemas: { readonly [tag: number]: v.GenericSchema<unknown, Message> } = {
  1: v.pipe(
    v.strictTuple([v.literal(1), voteSchema]),
    v.transform(([, vote]) => ({ type: 'vote' as const, vote })),
  ),
  2: v.pipe(
    v.strictTuple([v.literal(2), bytesSchema(MAX_PROPOSAL_BYTES), v.nullable(voteSchema)]),
    v.transform(([, proposal, vote]) => ({ type: 'proposal' as const, proposal, vote })),
  ),
  3: v.pipe(
    v.strictTuple([v.literal(3), certificateSchema]),
    v.transform(([, certificate]) => ({ type: 'certificate' as const, certificate })),
  ),
  4: v.pipe(
    v.strictTuple([v.literal(4), count, count, count, count, views, views]),
    v.transform(([, epoch, finalView, finalHeight, currentView, notarised, nullified]) => ({
      type: 'status' as const,
      epoch,
      finalView,
      finalHeight,
      currentView,
      notarised,
      nullified,
    })),
  ),
  5: v.pipe(
    v.strictTuple([
      v.literal(5),
      v.pipe(v.array(certificateSchema), v.maxLength(MAX_REPAIR_CERTIFICATES)),
      votes(MAX_REPAIR_VOTES),
    ]),
    v.transform(([, certificates, votes]) => ({ type: 'repair' as const, certificates, votes })),
  ),
  6: v.pipe(
    v.strictTuple([v.literal(6), count, exactBytes(32), count]),
    v.transform(([, epoch, id, above]) => ({ type: 'want' as const, epoch, id, above })),
  ),
  7: v.pipe(
    v.strictTuple([v.literal(7), parcels(MAX_PROPOSAL_BYTES)]),
    v.transform(([, proposals]) => ({ type: 'blocks' as const, proposals })),
  ),
  8: v.pipe(
    v.strictTuple([v.literal(8), parcels(MAX_ENTRY_BYTES)]),
    v.transform(([, entries]) => ({ type: 'entries' as const, entries })),
  ),
  9: v.pipe(
    v.strictTuple([v.literal(9), count, exactBytes(32), exactBytes(32), count, exactBytes(64)]),
    v.transform(([, epoch, setHash, stateRoot, voter, signature]) => ({
      type: 'ready' as const,
      epoch,
      setHash,
      stateRoot,
      voter,
      signature,
    })),
  ),
  10: v.pipe(
    v.strictTuple([v.literal(10), count]),
    v.transform(([, epoch]) => ({ type: 'recall' as const, epoch })),
  ),
  11: v.pipe(
    v.strictTuple([v.literal(11), count, votes(MAX_RECALLED)]),
    v.transform(([, epoch, votes]) => ({ type: 'recalled' as const, epoch, votes })),
  ),
  12: v.pipe(
    v.strictTuple([v.literal(12), count]),
    v.transform(([, nonce]) => ({ type: 'tip-request' as const, nonce })),
  ),
  13: v.pipe(
    v.strictTuple([v.literal(13), count, count, count, v.nullable(certificateSchema)]),
    v.transform(([, nonce, epoch, view, certificate]) => ({
      type: 'tip' as const,
      nonce,
      epoch,
      view,
      certificate,
    })),
  ),
}

export function encodeMessage(message: Message): Uint8Array {
  return encode(messageTuple(message))
}

function messageTuple(message: Message): readonly unknown[] {
  switch (message.type) {
    case 'vote':
      return [1, voteTuple(message.vote)]
    case 'proposal':
      return [2, message.proposal, message.vote && voteTuple(message.vote)]
    case 'certificate':
      return [3, certificateTuple(message.certificate)]
    case 'status': {
      const { epoch, finalView, finalHeight, currentView, notarised, nullified } = message
      return [4, epoch, finalView, finalHeight, currentView, [...notarised], [...nullified]]
    }
    case 'repair':
      return [5, message.certificates.map(certificateTuple), message.votes.map(voteTuple)]
    case 'want':
      return [6, message.epoch, message.id, message.above]
    case 'blocks':
      return [7, [...message.proposals]]
    case 'entries':
      return [8, [...message.entries]]
    case 'ready': {
      const { epoch, setHash, stateRoot, voter, signature } = message
      return [9, epoch, setHash, stateRoot, voter, signature]
    }
    case 'recall':
      return [10, message.epoch]
    case 'recalled':
      return [11, message.epoch, message.votes.map(voteTuple)]
    case 'tip-request':
      return [12, message.nonce]
    case 'tip': {
      const { nonce, epoch, view, certificate } = message
      return [13, nonce, epoch, view, certificate && certificateTuple(certificate)]
    }
  }
}

/** Reads a message; signatures inside are left to the caller. */
export function parseMessage(bytes: Uint8Array): Verdict<{ message: Message }> {
  const decoded = decode(bytes, {
    maxBytes: MAX_MESSAGE_BYTES,
    maxDepth: 4,
    integralFloats: false,
  })
  if (!decoded.ok) return malformed(decoded.fault.message)
  const tag: unknown = Array.isArray(decoded.value) ? decoded.value[0] : undefined
  const schema = typeof tag === 'number' ? schemas[tag] : undefined
  if (!schema) return malformed('it is of no known kind')
  const shape = checkShape(schema, decoded.value)
  return shape.ok ? { ok: true, message: shape.value } : malformed(shape.fault.message)
}

/** What a driver sends to perform `serve`: as many of the entries as one message holds. */
export function entriesMessage(entries: readonly Uint8Array[]): Uint8Array {
  let [count, size] = [0, 0]
  for (const { length } of entries.slice(0, MAX_ITEMS)) {
    size += length
    if (count > 0 && size > MAX_ENTRIES_BYTES) break
    count += 1
  }
  return encodeMessage({ type: 'entries', entries: entries.slice(0, count) })
}

function malformed(why: string) {
  return refuse('consensus-bft/message' satisfies ConsensusBftCode, `message: ${why}`)
}
