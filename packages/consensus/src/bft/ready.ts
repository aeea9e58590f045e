/**
 * READY: members of the next set say that they are synced and will vote in it, which lets the
 * present epoch end. It adds no key: the keys of the set are final before anybody is asked.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, concatBytes, exactBytes, fromHex, utf8 } from '@folkmoot/codec'
import type { FederationId } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from '../codes.ts'
import type { VerifyItem } from '../core.ts'
import { MAX_VOTERS } from '../limits.ts'
import { bitmapOf, fitsSet, indicesOf } from './signer-bitmap.ts'
import { viewSchema } from './vote.ts'
import { quorumWeight, type VoterSet, voterSetHash, voteSigners } from './voter-set.ts'

/** READY of quorum weight of the next set. */
export interface ReadyCertificate {
  /** The epoch that is to begin. */
  readonly epoch: number
  readonly setHash: Uint8Array
  /** State that the signers have reached; the one after the end block, which carries no operation. */
  readonly stateRoot: Uint8Array
  /** Over the next set's voters. */
  readonly bitmap: Uint8Array
  readonly signatures: readonly Uint8Array[]
}

const PROTOCOL = utf8('folkmoot/ready/1')

/** What a member of the next set signs by its key for that epoch, purpose `ready`. */
export function readyBytes(
  instance: FederationId,
  ready: Pick<ReadyCertificate, 'epoch' | 'setHash' | 'stateRoot'>,
): Uint8Array {
  const epoch = new Uint8Array(8)
  new DataView(epoch.buffer).setBigUint64(0, BigInt(ready.epoch))
  return concatBytes(PROTOCOL, fromHex(instance), epoch, ready.setHash, ready.stateRoot)
}

/** Joins verified signatures, by index in `next`; undefined while they lack weight. */
export function makeReadyCertificate(
  next: VoterSet,
  stateRoot: Uint8Array,
  signatures: ReadonlyMap<number, Uint8Array>,
): ReadyCertificate | undefined {
  const indices = [...signatures.keys()].sort((a, b) => a - b)
  const weight = indices.reduce((sum, index) => sum + (next.voters[index]?.weight ?? 0), 0)
  if (weight < quorumWeight(next)) return undefined
  return {
    epoch: next.epoch,
    setHash: voterSetHash(next),
    stateRoot,
    bitmap: bitmapOf(indices, next.voters.length),
    signatures: indices.map((index) => signatures.get(index)!),
  }
}

/** `[epoch, setHash, stateRoot, bitmap, signatures]`, for use inside a larger message. */
export const readyCertificateSchema = v.pipe(
  v.strictTuple([
    viewSchema,
    exactBytes(32),
    exactBytes(32),
    bytesSchema(Math.ceil(MAX_VOTERS / 8)),
    v.pipe(v.array(exactBytes(64)), v.minLength(1), v.maxLength(MAX_VOTERS)),
  ]),
  v.check(([, , , bitmap, sigs]) => indicesOf(bitmap).length === sigs.length, 'a bit a signature'),
  v.transform(([epoch, setHash, stateRoot, bitmap, signatures]): ReadyCertificate => {
    return { epoch, setHash, stateRoot, bitmap, signatures }
  }),
)

export function readyCertificateTuple(ready: ReadyCertificate) {
  const { epoch, setHash, stateRoot, bitmap, signatures } = ready
  return [epoch, setHash, stateRoot, bitmap, [...signatures]] as const
}

/** Everything but the signatures; and which signatures to check. */
export function readyItems(
  instance: FederationId,
  next: VoterSet,
  ready: ReadyCertificate,
): Verdict<{ items: readonly VerifyItem[] }> {
  const indices = indicesOf(ready.bitmap)
  const known = voterSetHash(next)
  const sameSet = ready.epoch === next.epoch && ready.setHash.every((byte, i) => byte === known[i])
  if (!sameSet || !fitsSet(ready.bitmap, next.voters.length)) return refused('it is of another set')
  if (indices.length !== ready.signatures.length) return refused('it lacks a signature')
  const weight = indices.reduce((sum, index) => sum + next.voters[index]!.weight, 0)
  if (weight < quorumWeight(next)) return refused('too few of the next voters are ready')
  const bytes = readyBytes(instance, ready)
  const signers = voteSigners(next)
  const items = indices.map((index, place): VerifyItem => {
    const signature = ready.signatures[place]!
    return { signer: signers[index]!, purpose: 'ready', signature, bytes }
  })
  return { ok: true, items }
}

function refused(why: string) {
  return refuse('consensus/certificate' satisfies ConsensusCode, `ready: ${why}`)
}
