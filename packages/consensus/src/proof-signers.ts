/**
 * Who signed a proof of finality, for people to see. Says nothing about whether the signatures hold.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import { parseCertificate } from './bft/certificate.ts'
import { indicesOf } from './bft/signer-bitmap.ts'
import type { FinalityAnchor, FinalityProof } from './finality.ts'
import { parseHeader } from './header.ts'
import { parseReceipt } from './raft-receipt.ts'

/** The peers behind the signatures, ascending by index; empty where the voters of the epoch are not known. */
export function proofSigners(anchor: FinalityAnchor, proof: FinalityProof): readonly PeerId[] {
  if (proof.kind === 'solo') return [anchor.founder]
  const head = parseHeader(proof.header)
  const set = head.ok ? anchor.sets?.setOf(head.header.epoch) : undefined
  const bitmap = bitmapIn(proof)
  if (set === undefined || bitmap === undefined) return []
  return indicesOf(bitmap).flatMap((index) => set.voters[index]?.peer ?? [])
}

function bitmapIn(proof: Exclude<FinalityProof, { kind: 'solo' }>): Uint8Array | undefined {
  if (proof.kind === 'bft') {
    const parsed = parseCertificate(proof.certificate)
    return parsed.ok ? parsed.certificate.bitmap : undefined
  }
  const parsed = parseReceipt(proof.receipt)
  return parsed.ok ? parsed.receipt.bitmap : undefined
}
