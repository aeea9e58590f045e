/**
 * A block as its leader sends it: header, operations with their outcomes, why it may stand in its
 * view, and who proposes it. Everything but the signature is bound by the header.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, encode, equalBytes, exactBytes, parse, sha256 } from '@folkmoot/codec'
import type { FederationId } from '@folkmoot/identity'
import * as v from 'valibot'
import type { ConsensusCode } from '../codes.ts'
import type { VerifyItem } from '../core.ts'
import {
  blockId,
  END_EPOCH,
  type Header,
  isVoid,
  MAX_HEADER_BYTES,
  parseHeader,
} from '../header.ts'
import {
  MAX_PAYLOAD_BYTES,
  MAX_PROPOSAL_BYTES,
  MAX_SKIPPED_VIEWS,
  MAX_VOTER_SET_BYTES,
} from '../limits.ts'
import {
  operationsSchema,
  operationTuples,
  payloadRoot,
  type RecordedOperation,
} from '../payload.ts'
import {
  type Certificate,
  certificateItems,
  certificateSchema,
  certificateTuple,
} from './certificate.ts'
import { type ReadyCertificate, readyCertificateSchema, readyCertificateTuple } from './ready.ts'
import { leaderOf, type VoterSet, voteSigners } from './voter-set.ts'

/** What lets a block stand in its view. */
export interface Justification {
  /** N or F of the parent; null where the parent belongs to the epoch before. */
  readonly parent: Certificate | null
  /** S of every view between the parent's and this one, ascending. */
  readonly skipped: readonly Certificate[]
  /** READY of the next set; in the block that ends an epoch, else null. */
  readonly ready: ReadyCertificate | null
}

export interface Proposal {
  readonly header: Uint8Array
  readonly payload: readonly RecordedOperation[]
  readonly justify: Justification
  /** The encoded voters of the next epoch; in the block that ends an epoch, else null. */
  readonly nextSet: Uint8Array | null
  /** 64 bytes by the leader's vote key, purpose `proposal`, over the block's id. */
  readonly signature: Uint8Array
}

/** A proposal with its header read. */
export interface ParsedProposal extends Proposal {
  readonly parsed: Header & { readonly bft: NonNullable<Header['bft']> }
  readonly id: Uint8Array
}

const justificationSchema = v.strictTuple([
  v.nullable(certificateSchema),
  v.pipe(v.array(certificateSchema), v.maxLength(MAX_SKIPPED_VIEWS)),
  v.nullable(readyCertificateSchema),
])

/** `[1, header, payload, justify, nextSet, signature]`. */
const proposalSchema = v.strictTuple([
  v.literal(1),
  bytesSchema(MAX_HEADER_BYTES),
  operationsSchema,
  justificationSchema,
  v.nullable(bytesSchema(MAX_VOTER_SET_BYTES)),
  exactBytes(64),
])

function justificationTuple({ parent, skipped, ready }: Justification) {
  return [
    parent && certificateTuple(parent),
    skipped.map(certificateTuple),
    ready && readyCertificateTuple(ready),
  ] as const
}

/** What a header's `justifyHash` commits to. */
export function justifyHash(justify: Justification): Uint8Array {
  return sha256(encode(justificationTuple(justify)))
}

export function encodeProposal(proposal: Proposal): Uint8Array {
  const { header, payload, justify, nextSet, signature } = proposal
  const operations = operationTuples(payload)
  return encode([1, header, operations, justificationTuple(justify), nextSet, signature])
}

/** Reads a proposal and checks that its header commits to all of it; certificates are left to {@link checkProposal}. */
export function parseProposal(bytes: Uint8Array): Verdict<{ proposal: ParsedProposal }> {
  const limits = { maxBytes: MAX_PROPOSAL_BYTES, maxDepth: 5, integralFloats: false }
  const shape = parse(proposalSchema, bytes, limits)
  if (!shape.ok) {
    return refuse('consensus/malformed' satisfies ConsensusCode, `proposal: ${shape.fault.message}`)
  }
  const [, header, payload, [parent, skipped, ready], nextSet, signature] = shape.value
  const justify = { parent, skipped, ready }
  const head = parseHeader(header)
  if (!head.ok) return head
  const { bft, payloadHash, nextSetHash } = head.header
  if (!bft) return refused('its header is not of this engine')
  const size = payload.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (size > MAX_PAYLOAD_BYTES) return refused('its operations are too many bytes')
  if (!equalBytes(payloadRoot(payload), payloadHash)) return refused('it has other operations')
  if (!equalBytes(justifyHash(justify), bft.justifyHash)) return refused('it has other reasons')
  const sameSet = nextSet ? nextSetHash && equalBytes(sha256(nextSet), nextSetHash) : !nextSetHash
  if (!sameSet) return refused('it names other voters')
  const proposal = { header, payload, justify, nextSet, signature }
  const parsed = { ...head.header, bft }
  return { ok: true, proposal: { ...proposal, parsed, id: blockId(header) } }
}

/**
 * Whether the block may stand in its view: parent, skipped views, and what an end block carries.
 * Pure: the signatures to check are {@link proposalItem}, `certificateItems` and `readyItems`.
 */
export function checkProposal(
  instance: FederationId,
  set: VoterSet,
  { parsed, justify, payload }: ParsedProposal,
): Verdict {
  const { view, parentView, flags } = parsed.bft
  if (parsed.instance !== instance || parsed.epoch !== set.epoch) return refused('of another epoch')
  const { parent, skipped, ready } = justify
  if ((parent === null) !== (parentView === 0)) return refused('its parent is not certified')
  if (parent) {
    const fits =
      parent.kind !== 'nullify' &&
      parent.view === parentView &&
      equalBytes(parent.hash, parsed.parentHash)
    if (!fits) return refused('the certificate is not that of its parent')
    const checked = certificateItems(instance, set, parent)
    if (!checked.ok) return checked
  }
  if (skipped.length !== view - parentView - 1) return refused('a view is not accounted for')
  for (const [i, certificate] of skipped.entries()) {
    const skips = certificate.kind === 'nullify' && certificate.view === parentView + 1 + i
    if (!skips) return refused('a view between is not skipped')
    const checked = certificateItems(instance, set, certificate)
    if (!checked.ok) return checked
  }
  if ((flags === END_EPOCH) !== (ready !== null))
    return refused('READY ends an epoch, nothing else')
  if (ready && !equalBytes(ready.stateRoot, parsed.stateRoot)) {
    return refused('its READY is about another state')
  }
  const empty = flags === END_EPOCH || isVoid(parsed)
  if (empty && payload.length > 0) return refused('at the end of an epoch nothing is decided')
  return { ok: true }
}

/** The leader's signature: who must have made it, over what. */
export function proposalItem(set: VoterSet, proposal: ParsedProposal): VerifyItem {
  return {
    signer: voteSigners(set)[leaderOf(set, proposal.parsed.bft.view)]!,
    purpose: 'proposal',
    signature: proposal.signature,
    bytes: proposal.id,
  }
}

function refused(why: string) {
  return refuse('consensus/proposal' satisfies ConsensusCode, `proposal: ${why}`)
}
