/**
 * What proves an entry of engine `raft`: more than half of the members sign its header. They trust
 * each other and only crash, so this is a receipt, and no proof against members who lie.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, encode, exactBytes, parse } from '@folkmoot/codec'
import * as v from 'valibot'
import { bitmapOf, fitsSet, indicesOf } from './bft/signer-bitmap.ts'
import { majorityWeight, type VoterSet, voteSigners } from './bft/voter-set.ts'
import type { ConsensusCode } from './codes.ts'
import type { VerifyItem } from './core.ts'
import { MAX_CERTIFICATE_BYTES, MAX_VOTERS } from './limits.ts'

export interface RaftReceipt {
  /** Which members signed, see `bft/signer-bitmap.ts`. */
  readonly bitmap: Uint8Array
  /** 64 bytes each over the header, purpose `entry`, ascending by the member's index. */
  readonly signatures: readonly Uint8Array[]
}

const receiptSchema = v.strictTuple([
  v.literal('receipt'),
  bytesSchema(Math.ceil(MAX_VOTERS / 8)),
  v.pipe(v.array(exactBytes(64)), v.minLength(1), v.maxLength(MAX_VOTERS)),
])

/** Joins verified signatures over one header, by index; undefined while they are no majority. */
export function makeReceipt(
  set: VoterSet,
  signatures: ReadonlyMap<number, Uint8Array>,
): RaftReceipt | undefined {
  const indices = [...signatures.keys()].sort((a, b) => a - b)
  const weight = indices.reduce((sum, index) => sum + (set.voters[index]?.weight ?? 0), 0)
  if (weight < majorityWeight(set)) return undefined
  const bitmap = bitmapOf(indices, set.voters.length)
  return { bitmap, signatures: indices.map((index) => signatures.get(index)!) }
}

/** `['receipt', bitmap, signatures]`. */
export function encodeReceipt({ bitmap, signatures }: RaftReceipt): Uint8Array {
  return encode(['receipt', bitmap, [...signatures]])
}

export function parseReceipt(bytes: Uint8Array): Verdict<{ receipt: RaftReceipt }> {
  const limits = { maxBytes: MAX_CERTIFICATE_BYTES, maxDepth: 2, integralFloats: false }
  const parsed = parse(receiptSchema, bytes, limits)
  if (!parsed.ok) {
    return refuse('consensus/malformed' satisfies ConsensusCode, `receipt: ${parsed.fault.message}`)
  }
  const [, bitmap, signatures] = parsed.value
  return { ok: true, receipt: { bitmap, signatures } }
}

/** Everything but the signatures; and which signatures to check. */
export function receiptItems(
  set: VoterSet,
  header: Uint8Array,
  { bitmap, signatures }: RaftReceipt,
): Verdict<{ items: readonly VerifyItem[] }> {
  const indices = indicesOf(bitmap)
  if (set.engine !== 'raft' || !fitsSet(bitmap, set.voters.length)) {
    return refused('its bits are not those of the set')
  }
  if (indices.length !== signatures.length) return refused('it lacks a signature')
  const weight = indices.reduce((sum, index) => sum + set.voters[index]!.weight, 0)
  if (weight < majorityWeight(set)) return refused('its signers are no majority')
  const signers = voteSigners(set)
  const items = indices.map((index, place): VerifyItem => {
    const signature = signatures[place]!
    return { signer: signers[index]!, purpose: 'entry', signature, bytes: header }
  })
  return { ok: true, items }
}

function refused(why: string) {
  return refuse('consensus/certificate' satisfies ConsensusCode, `receipt: ${why}`)
}
