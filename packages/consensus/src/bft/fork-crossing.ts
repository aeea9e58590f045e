/**
 * Where two histories of one epoch part: the one that was decided in the later view has to cross the
 * view in which the other was, by a certificate that skips that view or is about another block of it.
 * Whoever signed both that and the decision lied. With it evidence of a fork names more than may lie.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import type { FinalityProof } from '../finality.ts'
import { type Certificate, encodeCertificate, parseCertificate } from './certificate.ts'

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

/** Where to look for what convicts; undefined where the decisions themselves do, being of one view. */
export function crossedBy([earlier, later]: Decided): Crossed | undefined {
  const { epoch, view } = earlier
  return view === later.view ? undefined : { epoch, view }
}

/** Whether a certificate is one by which no history with the earlier decision crosses its view. */
export function isCrossing([earlier]: Decided, crossing: Certificate): boolean {
  const { epoch, view, hash } = earlier
  if (crossing.epoch !== epoch || crossing.view !== view) return false
  return crossing.kind === 'nullify' || !equalBytes(crossing.hash, hash)
}

/**
 * By what a history crosses a view, from an entry of it: the entry's own decision, or that of the
 * block which proves it.
 */
export function crossingIn(proof: FinalityProof, { epoch, view }: Crossed): Uint8Array | undefined {
  const certificate = certificateOf(proof)
  if (certificate?.epoch !== epoch || certificate.view !== view) return undefined
  return encodeCertificate(certificate)
}

function certificateOf(proof: FinalityProof): Certificate | undefined {
  if (proof.kind !== 'bft') return undefined
  const parsed = parseCertificate(proof.certificate)
  return parsed.ok ? parsed.certificate : undefined
}
