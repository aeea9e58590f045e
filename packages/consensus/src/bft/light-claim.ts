/**
 * What one peer says about a federation to somebody who keeps no log, checked from what is trusted
 * already; and whether two such claims can be parts of one history.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import type { Checker, PeerId } from '@folkmoot/identity'
import type { ConsensusCode } from '../codes.ts'
import { type FinalHeader, type FinalityProof, finalHeader, verifyFinality } from '../finality.ts'
import { encodeForkEvidence } from '../fork-evidence.ts'
import { parseHeader } from '../header.ts'
import { type HistoryProof, verifyHistory } from '../history.ts'
import type { Height } from '../replicated-log.ts'
import { type EpochLink, followEpochs, type KnownEpochs } from './epoch-chain.ts'

/** Somebody who keeps the log and is asked about it. Nothing it answers is believed unchecked. */
export interface LightPeer {
  readonly peer: PeerId
  /** Proof of the newest final entry, and the last entries of the epochs from this one up to it. */
  newest(fromEpoch: number): Promise<NewestEntry>
  /** The encoded voters of an epoch. */
  voters(epoch: number): Promise<Uint8Array>
  proveHistory(height: Height, under: Height): Promise<HistoryProof>
}

/** What a peer shows of one moment: an epoch may end between two questions. */
export interface NewestEntry {
  readonly links: readonly EpochLink[]
  readonly proof: FinalityProof
}

/** A claim that holds by itself. */
export interface LightClaim {
  /** Undefined for what this client knew before. */
  readonly from: LightPeer | undefined
  readonly epochs: KnownEpochs
  readonly proof: FinalityProof
  readonly tip: FinalHeader
}

/** Asks a peer and checks its answer. A peer that cannot answer is refused as one that lies. */
export async function askClaim(
  checker: Checker,
  known: KnownEpochs,
  from: LightPeer,
): Promise<Verdict<{ claim: LightClaim }>> {
  const epochs = known.copy()
  const answers = await answered(() => from.newest(epochs.current))
  if (!answers.ok) return answers
  const { links, proof } = answers.answer
  const followed = await followEpochs(checker, epochs, links)
  if (!followed.ok) return followed
  const tip = await verifyFinality(checker, epochs.anchor, proof)
  if (!tip.ok) return tip
  const newest = epochs.endOf(epochs.current - 1) ?? 0
  if (tip.height < newest) {
    return refuse('consensus/gap' satisfies ConsensusCode, 'the newest entry is not the newest')
  }
  return { ok: true, claim: { from, epochs, proof, tip } }
}

/** How two claims stand to each other. */
export type Comparison =
  | { readonly kind: 'agree' }
  | { readonly kind: 'fork'; readonly evidence: Uint8Array }
  /** The peer that says more cannot show that its history holds what the other says. */
  | { readonly kind: 'unproven'; readonly by: LightPeer | undefined }

/**
 * Compares where the claims first differ under voters that both know, so that whoever knows these
 * can check the evidence: at the end of an epoch if one ended twice, else at the newest entries.
 */
export async function compareClaims(a: LightClaim, b: LightClaim): Promise<Comparison> {
  const [one, two] = firstDifference(a, b)
  const [lower, higher] = one.height <= two.height ? [one, two] : [two, one]
  if (lower.height === higher.height) {
    if (equalBytes(lower.proof.header, higher.proof.header)) return { kind: 'agree' }
    return { kind: 'fork', evidence: encodeForkEvidence(lower.proof, higher.proof) }
  }
  const { from } = higher.claim
  const asked = await answered(() => demandPeer(from).proveHistory(lower.height, higher.height))
  const held = asked.ok ? verifyHistory(higher.header, asked.answer) : asked
  if (!asked.ok || !held.ok || held.height !== lower.height) return { kind: 'unproven', by: from }
  if (equalBytes(asked.answer.header, lower.proof.header)) {
    // What its own history ends, its voters can not go on with: old keys, used after their time.
    const isPastEnd = lower.header.nextSetHash && lower.header.epoch === higher.header.epoch
    return isPastEnd ? { kind: 'unproven', by: from } : { kind: 'agree' }
  }
  const evidence = encodeForkEvidence(lower.proof, higher.proof, asked.answer)
  return { kind: 'fork', evidence }
}

interface Point {
  readonly claim: LightClaim
  readonly proof: FinalityProof
  readonly header: FinalHeader
  readonly height: Height
}

/** The last points of both claims that are decided by voters whom both know. */
function firstDifference(a: LightClaim, b: LightClaim): readonly [Point, Point] {
  const linksOf = (claim: LightClaim) => new Map(claim.epochs.links.map((l) => [epochOf(l), l]))
  const [ours, theirs] = [linksOf(a), linksOf(b)]
  const epochs = [...new Set([...ours.keys(), ...theirs.keys()])].sort((x, y) => x - y)
  for (const epoch of epochs) {
    const [one, two] = [ours.get(epoch), theirs.get(epoch)]
    if (one && two && equalBytes(one.proof.header, two.proof.header)) continue
    return [pointOf(a, one), pointOf(b, two)]
  }
  return [pointOf(a), pointOf(b)]
}

function epochOf({ proof }: EpochLink): number {
  const parsed = parseHeader(proof.header)
  return parsed.ok ? parsed.header.epoch : 0
}

function pointOf(claim: LightClaim, link?: EpochLink): Point {
  const parsed = link && parseHeader(link.proof.header)
  const header = parsed?.ok ? finalHeader(parsed.header) : claim.tip
  return { claim, proof: link?.proof ?? claim.proof, header, height: header.height }
}

function demandPeer(peer: LightPeer | undefined): LightPeer {
  if (!peer) throw new Error('nobody to ask')
  return peer
}

/** What a peer answers, or that it did not. */
async function answered<T>(ask: () => Promise<T>): Promise<Verdict<{ answer: T }>> {
  try {
    return { ok: true, answer: await ask() }
  } catch {
    return refuse('consensus/no-answer' satisfies ConsensusCode, 'the peer did not answer')
  }
}
