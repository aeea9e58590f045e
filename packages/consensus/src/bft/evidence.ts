/**
 * Proof that a voter lied, complete in itself: two signed votes that no honest voter signs both, or
 * two proposals by one leader in one view. Whoever knows the epoch's set can check it.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { bytesSchema, compareBytes, encode, exactBytes, parse } from '@folkmoot/codec'
import type { Checker, FederationId, PeerId } from '@folkmoot/identity'
import * as v from 'valibot'
import { checkItems } from '../check-items.ts'
import type { ConsensusCode } from '../codes.ts'
import type { VerifyItem } from '../core.ts'
import type { EpochSets } from '../finality.ts'
import { blockId, type Header, MAX_HEADER_BYTES, parseHeader } from '../header.ts'
import { type Conflict, type ConflictKind, conflictKind, sorted } from './conflict.ts'
import { voteItem, voteSchema, voteTuple } from './vote.ts'
import { leaderOf, type VoterSet, voteSigners } from './voter-set.ts'

/** A header and its leader's signature: what a proposal leaves in evidence. */
export interface SignedHeader {
  readonly header: Uint8Array
  readonly signature: Uint8Array
}

export type Evidence =
  | { readonly kind: 'votes'; readonly votes: Conflict }
  | { readonly kind: 'proposals'; readonly proposals: readonly [SignedHeader, SignedHeader] }

/** What evidence proves. */
export interface Proven {
  readonly culprit: PeerId
  readonly epoch: number
  readonly view: number
  readonly kind: ConflictKind | 'double-propose'
}

/** Largest evidence, in bytes: two headers and two signatures, with room. */
export const MAX_EVIDENCE_BYTES = 1_536

const signedHeader = [bytesSchema(MAX_HEADER_BYTES), exactBytes(64)] as const
const evidenceSchema = v.union([
  v.strictTuple([v.literal('votes'), voteSchema, voteSchema]),
  v.strictTuple([v.literal('proposals'), ...signedHeader, ...signedHeader]),
])

/** `['votes', vote, vote]` by kind and hash, or `['proposals', header, signature, …]` by header: one order, one encoding. */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  if (evidence.kind === 'votes') {
    return encode(['votes', ...sorted(...evidence.votes).map(voteTuple)])
  }
  const [a, b] = [...evidence.proposals].sort((x, y) => compareBytes(x.header, y.header))
  return encode(['proposals', a!.header, a!.signature, b!.header, b!.signature])
}

export function parseEvidence(bytes: Uint8Array): Verdict<{ evidence: Evidence }> {
  const limits = { maxBytes: MAX_EVIDENCE_BYTES, maxDepth: 2, integralFloats: false }
  const parsed = parse(evidenceSchema, bytes, limits)
  if (!parsed.ok) return refused(parsed.fault.message)
  if (parsed.value[0] === 'votes') {
    const [, first, second] = parsed.value
    if (sorted(first, second)[0] !== first) return refused('its parts are out of order')
    return { ok: true, evidence: { kind: 'votes', votes: [first, second] } }
  }
  const [, header, signature, otherHeader, otherSignature] = parsed.value
  if (compareBytes(header, otherHeader) >= 0) return refused('its parts are out of order')
  const proposals = [
    { header, signature },
    { header: otherHeader, signature: otherSignature },
  ] as const
  return { ok: true, evidence: { kind: 'proposals', proposals } }
}

/** Everything but the signatures: what is claimed, of whom, and which signatures must hold. */
export function evidenceItems(
  instance: FederationId,
  sets: Pick<EpochSets, 'setOf'>,
  bytes: Uint8Array,
): Verdict<Proven & { items: readonly VerifyItem[] }> {
  const parsed = parseEvidence(bytes)
  if (!parsed.ok) return parsed
  const { evidence } = parsed
  return evidence.kind === 'votes'
    ? voteItems(instance, sets, evidence.votes)
    : proposalItems(instance, sets, evidence.proposals)
}

/** Checks evidence against the set of its epoch. No honest voter can be accused. */
export async function verifyEvidence(
  checker: Checker,
  instance: FederationId,
  sets: Pick<EpochSets, 'setOf'>,
  bytes: Uint8Array,
): Promise<Verdict<Proven>> {
  const checked = evidenceItems(instance, sets, bytes)
  if (!checked.ok) return checked
  if (!(await checkItems(checker, checked.items))) return refused('a signature is wrong')
  const { culprit, epoch, view, kind } = checked
  return { ok: true, culprit, epoch, view, kind }
}

type Claim = Verdict<Proven & { items: readonly VerifyItem[] }>

function voteItems(
  instance: FederationId,
  sets: Pick<EpochSets, 'setOf'>,
  [first, second]: Conflict,
): Claim {
  const kind = conflictKind(first, second)
  if (!kind) return refused('an honest voter may sign both votes')
  const { epoch, view, voter } = first
  const set = bftSet(sets, epoch)
  if (!set) return refused('the voters of its epoch are not known')
  const items = [voteItem(instance, set, first), voteItem(instance, set, second)]
  const culprit = set.voters[voter]?.peer
  if (!culprit || !items[0] || !items[1]) return refused('it names no voter of its epoch')
  return { ok: true, culprit, epoch, view, kind, items: [items[0], items[1]] }
}

function proposalItems(
  instance: FederationId,
  sets: Pick<EpochSets, 'setOf'>,
  proposals: readonly [SignedHeader, SignedHeader],
): Claim {
  const headers: Header[] = []
  for (const { header } of proposals) {
    const parsed = parseHeader(header)
    if (!parsed.ok) return parsed
    headers.push(parsed.header)
  }
  const [a, b] = headers as [Header, Header]
  const same = a.epoch === b.epoch && a.bft && b.bft && a.bft.view === b.bft.view
  if (!same || a.instance !== instance || b.instance !== instance) {
    return refused('the proposals are not of one view here')
  }
  const { epoch } = a
  const { view } = a.bft!
  const set = bftSet(sets, epoch)
  if (!set) return refused('the voters of its epoch are not known')
  const leader = leaderOf(set, view)
  const signer = voteSigners(set)[leader]!
  const items = proposals.map(({ header, signature }): VerifyItem => {
    return { signer, purpose: 'proposal', signature, bytes: blockId(header) }
  })
  const culprit = set.voters[leader]!.peer
  return { ok: true, culprit, epoch, view, kind: 'double-propose', items }
}

function bftSet(sets: Pick<EpochSets, 'setOf'>, epoch: number): VoterSet | undefined {
  const set = sets.setOf(epoch)
  return set?.engine === 'bft' ? set : undefined
}

function refused(why: string) {
  return refuse('consensus/evidence' satisfies ConsensusCode, `evidence: ${why}`)
}
