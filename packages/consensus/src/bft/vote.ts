/**
 * One voter's word about one view. What it may say is the core's to decide; here is how it is said.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { concatBytes, encode, exactBytes, fromHex, intSchema, parse, utf8 } from '@folkmoot/codec'
import type { FederationId } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from '../codes.ts'
import type { VerifyItem } from '../core.ts'
import { MAX_VOTERS } from '../limits.ts'
import { type VoterSet, voteSigners } from './voter-set.ts'

/** N, S and F in the literature of Simplex. */
export type VoteKind = 'notarise' | 'nullify' | 'finalise'

/** What is said; the same words of different voters make a certificate. */
export interface VoteStatement {
  readonly epoch: number
  readonly kind: VoteKind
  /** At least 1. */
  readonly view: number
  /** The block's id; {@link NO_BLOCK} for `nullify`. */
  readonly hash: Uint8Array
}

export interface Vote extends VoteStatement {
  /** Index in the epoch's set. */
  readonly voter: number
  /** 64 bytes by the voter's vote key, purpose `vote`. */
  readonly signature: Uint8Array
}

/** What a vote to skip a view is about. */
export const NO_BLOCK: Uint8Array = new Uint8Array(32)

/** On the wire and under signatures. */
export const KIND_NUMBERS = { notarise: 1, nullify: 2, finalise: 3 } as const
const KINDS = ['notarise', 'nullify', 'finalise'] as const

export function kindOfNumber(number: 1 | 2 | 3): VoteKind {
  return KINDS[number - 1]!
}

export const kindNumberSchema = v.picklist([1, 2, 3])
export const viewSchema = intSchema(1, Number.MAX_SAFE_INTEGER)

const PROTOCOL = utf8('folkmoot/simplex/1')
/** Epoch, kind, view, hash. */
const STATEMENT_BYTES = 8 + 1 + 8 + 32

/** What a voter signs, by purpose `vote`: `"folkmoot/simplex/1" ‖ I ‖ e ‖ kind ‖ v ‖ h`, integers big-endian. */
export function voteBytes(
  instance: FederationId,
  epoch: number,
  kind: VoteKind,
  view: number,
  hash: Uint8Array,
): Uint8Array {
  const statement = new Uint8Array(STATEMENT_BYTES)
  const numbers = new DataView(statement.buffer)
  numbers.setBigUint64(0, BigInt(epoch))
  numbers.setUint8(8, KIND_NUMBERS[kind])
  numbers.setBigUint64(9, BigInt(view))
  statement.set(hash, 17)
  return concatBytes(PROTOCOL, fromHex(instance), statement)
}

const tupleSchema = v.strictTuple([
  viewSchema,
  kindNumberSchema,
  viewSchema,
  exactBytes(32),
  intSchema(0, MAX_VOTERS - 1),
  exactBytes(64),
])

/** `[epoch, kind, view, hash, voter, signature]`, for use inside a larger message. */
export const voteSchema = v.pipe(
  tupleSchema,
  v.check(([, kind, , hash]) => hasRightHash(kindOfNumber(kind), hash), 'the hash of its kind'),
  v.transform(([epoch, kind, view, hash, voter, signature]): Vote => {
    return { epoch, kind: kindOfNumber(kind), view, hash, voter, signature }
  }),
)

/** A vote as the value that {@link voteSchema} reads. */
export function voteTuple(vote: Vote) {
  const { epoch, kind, view, hash, voter, signature } = vote
  return [epoch, KIND_NUMBERS[kind], view, hash, voter, signature] as const
}

export function encodeVote(vote: Vote): Uint8Array {
  return encode(voteTuple(vote))
}

export function parseVote(bytes: Uint8Array): Verdict<{ vote: Vote }> {
  const parsed = parse(voteSchema, bytes, { maxBytes: 256, maxDepth: 1, integralFloats: false })
  if (!parsed.ok) {
    return refuse('consensus/malformed' satisfies ConsensusCode, `vote: ${parsed.fault.message}`)
  }
  return { ok: true, vote: parsed.value }
}

/** Only a vote to skip is about no block. */
export function hasRightHash(kind: VoteKind, hash: Uint8Array): boolean {
  return (kind === 'nullify') === hash.every((byte) => byte === 0)
}

/** Which signature to check; undefined where the vote is of another epoch or of no voter. */
export function voteItem(
  instance: FederationId,
  set: VoterSet,
  vote: Vote,
): VerifyItem | undefined {
  const signer = voteSigners(set)[vote.voter]
  if (signer === undefined || vote.epoch !== set.epoch) return undefined
  return {
    signer,
    purpose: 'vote',
    signature: vote.signature,
    bytes: voteBytes(instance, vote.epoch, vote.kind, vote.view, vote.hash),
  }
}
