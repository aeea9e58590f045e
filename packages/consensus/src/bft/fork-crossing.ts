/**
 * Where two histories of one epoch part: the one that was decided in the later view has to cross the
 * view in which the other was, by a certificate that skips that view or is about another block of it.
 * Whoever signed both that and the decision lied. With it evidence of a fork names more than may lie.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import type { FinalityProof } from '../finality.ts'
import { type Certificate, parseCertificate } from './certificate.ts'

/** Both certificates of a fork, that of the earlier view first. */
export type Decided = readonly [Certificate, Certificate]

/** The view of the earlier decision, which the other history crosses by something else. */
export interface Crossed {
  readonly epoch: number
  readonly view: number
}

/** The certificates of two proofs; undefined where they are not of one epoch of voters who may lie. */
export function decidedBy(first: FinalityProof, second: FinalityProof): Decided | undefined {
  const [a, b] = [first, second].map(certificateOf)
  if (!a || !b || a.epoch !== b.epoch) return undefined
  return a.view <= b.view ? [a, b] : [b, a]
}

/** Whether a certificate is one by which no history with the earlier decision crosses its view. */
export function isCrossing([earlier, later]: Decided, crossing: Certificate): boolean {
  const { epoch, view, hash } = earlier
  // Decisions of one view convict by themselves.
  if (view === later.view || crossing.epoch !== epoch || crossing.view !== view) return false
  return crossing.kind === 'nullify' || !equalBytes(crossing.hash, hash)
}

export function certificateOf(proof: FinalityProof): Certificate | undefined {
  if (proof.kind !== 'bft') return undefined
  const parsed = parseCertificate(proof.certificate)
  return parsed.ok ? parsed.certificate : undefined
}
