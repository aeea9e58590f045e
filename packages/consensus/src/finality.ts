/**
 * Proofs that an entry is final. Each engine adds a kind; a proof of one kind keeps verifying after
 * the federation has changed its engine.
 *
 * Which kind counts is the epoch's to say: epoch 0 is the founder's alone, and every later one has
 * a set with an engine. A proof for a height after the end of its epoch is worth nothing, so that
 * neither a founder who handed over nor voters who left can go on deciding.
 *
 * @module
 */
import { type Millis, refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, equalBytes, exactBytes, verifyInclusion } from '@folkmoot/codec'
import type { Checker, FederationId, PeerId } from '@folkmoot/identity'
import * as v from 'valibot'
import { certificateItems, parseCertificate } from './bft/certificate.ts'
import type { VoterSet } from './bft/voter-set.ts'
import { checkItems } from './check-items.ts'
import type { ConsensusCode } from './codes.ts'
import type { VerifyItem } from './core.ts'
import { blockId, coveredHeight, type Header, historyLeaf, isVoid, parseHeader } from './header.ts'
import { MAX_CERTIFICATE_BYTES } from './limits.ts'
import { parseReceipt, receiptItems } from './raft-receipt.ts'

/** The founder's own signature, by purpose `entry`. */
export interface SoloProof {
  readonly kind: 'solo'
  readonly header: Uint8Array
  readonly signature: Uint8Array
}

/** A later block of the same epoch that was decided and whose `historyRoot` covers the entry. */
export interface Descendant {
  readonly header: Uint8Array
  /** RFC 6962 audit path, 32 bytes each. */
  readonly path: readonly Uint8Array[]
}

/** A certificate of kind `finalise` for the entry, or for a block after it. */
export interface BftProof {
  readonly kind: 'bft'
  readonly header: Uint8Array
  readonly certificate: Uint8Array
  readonly under: Descendant | null
}

/** Signed by more than half of the members, who trust each other. */
export interface RaftProof {
  readonly kind: 'raft'
  readonly header: Uint8Array
  readonly receipt: Uint8Array
  readonly under: Descendant | null
}

export type FinalityProof = SoloProof | BftProof | RaftProof

const headerBytes = bytesSchema(512)
const underSchema = v.nullable(
  v.strictObject({
    header: headerBytes,
    path: v.pipe(v.array(exactBytes(32)), v.maxLength(53), v.readonly()),
  }),
)
const quorumBytes = bytesSchema(MAX_CERTIFICATE_BYTES)

/** Shape of a proof inside other signed or exported structures. */
export const finalityProofSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('solo'), header: headerBytes, signature: exactBytes(64) }),
  v.strictObject({
    kind: v.literal('bft'),
    header: headerBytes,
    certificate: quorumBytes,
    under: underSchema,
  }),
  v.strictObject({
    kind: v.literal('raft'),
    header: headerBytes,
    receipt: quorumBytes,
    under: underSchema,
  }),
])

/** Who decides in which epoch, as far as it is known; see `bft/epoch-chain.ts`. */
export interface EpochSets {
  setOf(epoch: number): VoterSet | undefined
  /** Height of the epoch's last entry; undefined while it runs. 0 where it never had one. */
  endOf(epoch: number): number | undefined
}

/**
 * Whose decisions count: those of the epochs' voters, and the founder's in epoch 0 only as far as
 * `sets` says that there was one. From a charter: `new KnownEpochs(facts).anchor`.
 */
export interface FinalityAnchor {
  readonly instance: FederationId
  readonly founder: PeerId
  readonly sets: EpochSets
}

/** What a valid proof says about its entry. */
export interface FinalHeader {
  readonly height: number
  readonly epoch: number
  readonly time: Millis
  readonly stateRoot: Uint8Array
  readonly historyRoot: Uint8Array
  readonly payloadHash: Uint8Array
  readonly parentHash: Uint8Array
  /** Where the entry is the last of its epoch. */
  readonly nextSetHash?: Uint8Array
}

/** Everything about a proof but its signatures; and which signatures to check. */
export function finalityItems(
  anchor: FinalityAnchor,
  proof: FinalityProof,
): Verdict<{ header: Header; items: readonly VerifyItem[] }> {
  if (!v.is(finalityProofSchema, proof)) {
    return refused('consensus/malformed', 'this is no proof of finality')
  }
  const parsed = parseHeader(proof.header)
  if (!parsed.ok) return parsed
  const { header } = parsed
  if (header.instance !== anchor.instance) {
    return refused('consensus/instance', 'the entry belongs to another federation')
  }
  if (isVoid(header))
    return refused('consensus/epoch', 'the block comes after the end of its epoch')
  const end = anchor.sets.endOf(header.epoch)
  if (end !== undefined && header.height > end) {
    return refused('consensus/epoch', `the epoch ended at entry ${end}`)
  }
  const decided =
    proof.kind === 'solo' ? soloItems(anchor, header, proof) : quorumItems(anchor, header, proof)
  return decided.ok ? { ok: true, header, items: decided.items } : decided
}

/** Checks one proof on its own; needs nothing but whose decisions count. */
export async function verifyFinality(
  checker: Checker,
  anchor: FinalityAnchor,
  proof: FinalityProof,
): Promise<Verdict<FinalHeader>> {
  const checked = finalityItems(anchor, proof)
  if (!checked.ok) return checked
  const { header, items } = checked
  if (!(await checkItems(checker, items))) {
    const who = proof.kind === 'solo' ? 'the founder' : 'those who are said to have decided'
    return refused('consensus/signature', `the entry is not signed by ${who}`)
  }
  return { ok: true, ...finalHeader(header) }
}

/** What a header says to whoever knows that it is final. */
export function finalHeader(header: Header): FinalHeader {
  const { height, epoch, time, stateRoot, historyRoot, payloadHash, parentHash } = header
  const next = header.nextSetHash && { nextSetHash: header.nextSetHash }
  return { height, epoch, time, stateRoot, historyRoot, payloadHash, parentHash, ...next }
}

type Items = Verdict<{ items: readonly VerifyItem[] }>

function soloItems({ founder }: FinalityAnchor, header: Header, proof: SoloProof): Items {
  if (header.epoch !== 0 || header.bft) {
    return refused('consensus/epoch', 'a founder alone decides in epoch 0 only')
  }
  const { signature, header: bytes } = proof
  return { ok: true, items: [{ signer: founder, purpose: 'entry', signature, bytes }] }
}

function quorumItems(anchor: FinalityAnchor, header: Header, proof: BftProof | RaftProof): Items {
  const set = header.epoch > 0 ? anchor.sets.setOf(header.epoch) : undefined
  if (!set || set.engine !== proof.kind || (proof.kind === 'bft') !== (header.bft !== undefined)) {
    return refused('consensus/epoch', 'nobody is known to decide so in that epoch')
  }
  const covered = proof.under
    ? checkUnder(header, proof.header, proof.under)
    : { ok: true as const }
  if (!covered.ok) return covered
  const decided = proof.under?.header ?? proof.header
  if (proof.kind === 'raft') {
    const receipt = parseReceipt(proof.receipt)
    return receipt.ok ? receiptItems(set, decided, receipt.receipt) : receipt
  }
  const parsed = parseCertificate(proof.certificate)
  if (!parsed.ok) return parsed
  const { certificate } = parsed
  if (certificate.kind !== 'finalise' || !equalBytes(certificate.hash, blockId(decided))) {
    return refused('consensus/certificate', 'the certificate does not finalise this block')
  }
  return certificateItems(anchor.instance, set, certificate)
}

/** Whether the entry is in the history of a block of its own epoch. */
function checkUnder(header: Header, bytes: Uint8Array, under: Descendant): Verdict {
  const parsed = parseHeader(under.header)
  if (!parsed.ok) return parsed
  const later = parsed.header
  const sameRule = later.instance === header.instance && later.epoch === header.epoch
  const sameKind = (later.bft === undefined) === (header.bft === undefined)
  const included =
    sameRule &&
    sameKind &&
    verifyInclusion({
      leafHash: historyLeaf(bytes),
      index: header.height - 1,
      size: coveredHeight(later),
      proof: under.path,
      root: later.historyRoot,
    })
  if (!included) return refused('consensus/proof', 'the entry is not in the history of that block')
  return { ok: true }
}

function refused(code: ConsensusCode, message: string) {
  return refuse(code, message)
}
