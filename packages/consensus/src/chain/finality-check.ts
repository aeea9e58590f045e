/**
 * Checks proofs of finality one after another, and a certificate that many entries share only once:
 * whoever catches up gets thousands of entries under one.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import type { Checker } from '@folkmoot/identity'
import {
  type FinalHeader,
  type FinalityAnchor,
  type FinalityProof,
  finalHeader,
  finalityItems,
  verifyFinality,
} from '../finality.ts'

export class FinalityCheck {
  readonly #checker: Checker
  /** The last proof by a quorum whose signatures were all good. */
  #last: FinalityProof | undefined

  constructor(checker: Checker) {
    this.#checker = checker
  }

  async verify(anchor: FinalityAnchor, proof: FinalityProof): Promise<Verdict<FinalHeader>> {
    if (this.#last && isDecidedBySame(this.#last, proof)) {
      const checked = finalityItems(anchor, proof)
      return checked.ok ? { ok: true, ...finalHeader(checked.header) } : checked
    }
    const final = await verifyFinality(this.#checker, anchor, proof)
    if (final.ok && proof.kind !== 'solo') this.#last = proof
    return final
  }
}

/** Whether two proofs show the same signatures over the same bytes. */
function isDecidedBySame(a: FinalityProof, b: FinalityProof): boolean {
  if (a.kind === 'solo' || b.kind === 'solo' || a.kind !== b.kind) return false
  const [quorum, other] = [a, b].map((proof) =>
    proof.kind === 'bft' ? proof.certificate : proof.receipt,
  ) as [Uint8Array, Uint8Array]
  return equalBytes(quorum, other) && equalBytes((a.under ?? a).header, (b.under ?? b).header)
}
