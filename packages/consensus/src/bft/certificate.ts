/**
 * The same vote by voters of quorum weight: anybody who knows the set can check it, for ever.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, encode, equalBytes, exactBytes, parse } from '@folkmoot/codec'
import type { Checker, FederationId } from '@folkmoot/identity'
import * as v from 'valibot'
import { checkItems } from '../check-items.ts'
import type { ConsensusCode } from '../codes.ts'
import type { VerifyItem } from '../core.ts'
import { MAX_CERTIFICATE_BYTES, MAX_VOTERS } from '../limits.ts'
import { bitmapOf, fitsSet, indicesOf } from './signer-bitmap.ts'
import {
  hasRightHash,
  KIND_NUMBERS,
  kindNumberSchema,
  kindOfNumber,
  type Vote,
  type VoteStatement,
  viewSchema,
  voteBytes,
} from './vote.ts'
import { quorumWeight, type VoterSet, voteSigners } from './voter-set.ts'

export interface Certificate extends VoteStatement {
  /** Who signed, see `signer-bitmap.ts`. */
  readonly bitmap: Uint8Array
  /** 64 bytes each, ascending by the voter's index. */
  readonly signatures: readonly Uint8Array[]
}

/** A certificate from verified votes; undefined while those that say the same lack weight. */
export function makeCertificate(set: VoterSet, votes: readonly Vote[]): Certificate | undefined {
  const [first] = votes
  if (!first) return undefined
  const byVoter = new Map(votes.filter((vote) => isSame(vote, first)).map((v) => [v.voter, v]))
  const indices = [...byVoter.keys()].sort((a, b) => a - b)
  const weight = indices.reduce((sum, index) => sum + (set.voters[index]?.weight ?? 0), 0)
  if (first.epoch !== set.epoch || weight < quorumWeight(set)) return undefined
  const { epoch, kind, view, hash } = first
  return {
    epoch,
    kind,
    view,
    hash,
    bitmap: bitmapOf(indices, set.voters.length),
    signatures: indices.map((index) => byVoter.get(index)!.signature),
  }
}

function isSame(a: VoteStatement, b: VoteStatement): boolean {
  return a.epoch === b.epoch && a.kind === b.kind && a.view === b.view && equalBytes(a.hash, b.hash)
}

/** The votes that a certificate is made of, ascending by voter. */
export function votesOf(certificate: Certificate): Vote[] {
  const { epoch, kind, view, hash, bitmap, signatures } = certificate
  return indicesOf(bitmap).map((voter, place) => {
    return { epoch, kind, view, hash, voter, signature: signatures[place]! }
  })
}

/** `[kind, epoch, view, hash, bitmap, signatures]`, for use inside a larger message. */
export const certificateSchema = v.pipe(
  v.strictTuple([
    kindNumberSchema,
    viewSchema,
    viewSchema,
    exactBytes(32),
    bytesSchema(Math.ceil(MAX_VOTERS / 8)),
    v.pipe(v.array(exactBytes(64)), v.minLength(1), v.maxLength(MAX_VOTERS)),
  ]),
  v.check(([kind, , , hash]) => hasRightHash(kindOfNumber(kind), hash), 'the hash of its kind'),
  v.check(
    ([, , , , bitmap, sigs]) => indicesOf(bitmap).length === sigs.length,
    'a bit a signature',
  ),
  v.transform(([kind, epoch, view, hash, bitmap, signatures]): Certificate => {
    return { epoch, kind: kindOfNumber(kind), view, hash, bitmap, signatures }
  }),
)

/** A certificate as the value that {@link certificateSchema} reads. */
export function certificateTuple(certificate: Certificate) {
  const { kind, epoch, view, hash, bitmap, signatures } = certificate
  return [KIND_NUMBERS[kind], epoch, view, hash, bitmap, [...signatures]] as const
}

export function encodeCertificate(certificate: Certificate): Uint8Array {
  return encode(certificateTuple(certificate))
}

export function parseCertificate(bytes: Uint8Array): Verdict<{ certificate: Certificate }> {
  const parsed = parse(certificateSchema, bytes, {
    maxBytes: MAX_CERTIFICATE_BYTES,
    maxDepth: 2,
    integralFloats: false,
  })
  if (!parsed.ok) return refused(parsed.fault.message)
  return { ok: true, certificate: parsed.value }
}

/** Everything but the signatures: epoch, bits, weight; and which signatures to check. */
export function certificateItems(
  instance: FederationId,
  set: VoterSet,
  certificate: Certificate,
): Verdict<{ items: readonly VerifyItem[] }> {
  const { epoch, kind, view, hash, bitmap, signatures } = certificate
  if (epoch !== set.epoch || set.engine !== 'bft') return refused('it is of another epoch')
  if (!hasRightHash(kind, hash)) return refused('its hash is not that of its kind')
  if (!fitsSet(bitmap, set.voters.length)) return refused('its bits are not those of the set')
  const indices = indicesOf(bitmap)
  if (indices.length !== signatures.length) return refused('it lacks a signature')
  const weight = indices.reduce((sum, index) => sum + set.voters[index]!.weight, 0)
  if (weight < quorumWeight(set)) return refused('its voters are no quorum')
  const bytes = voteBytes(instance, epoch, kind, view, hash)
  const signers = voteSigners(set)
  const items = indices.map((index, place): VerifyItem => {
    return { signer: signers[index]!, purpose: 'vote', signature: signatures[place]!, bytes }
  })
  return { ok: true, items }
}

/** Checks a certificate against its epoch's set. */
export async function verifyCertificate(
  checker: Checker,
  instance: FederationId,
  set: VoterSet,
  certificate: Certificate,
): Promise<Verdict> {
  const checked = certificateItems(instance, set, certificate)
  if (!checked.ok) return checked
  return (await checkItems(checker, checked.items))
    ? { ok: true }
    : refuse('consensus/signature' satisfies ConsensusCode, 'certificate: a signature is wrong')
}

function refused(why: string) {
  return refuse('consensus/certificate' satisfies ConsensusCode, `certificate: ${why}`)
}
