/**
 * Admission receipts: what a relay or the founder gives a peer that has joined, and what that peer
 * shows to others who do not know it yet.
 *
 * @module
 */
import type { Millis, Verdict } from '@folkmoot/base'
import { hashSchema } from '@folkmoot/codec'
import * as v from 'valibot'
import type { FederationId } from './charter.ts'
import type { Checker } from './checker.ts'
import { type PeerId, peerIdSchema } from './peer-id.ts'
import { openRecord, sealShaped } from './record.ts'
import { refuse } from './refuse.ts'
import { instantSchema, roleSchema } from './schemas.ts'
import type { Signer } from './signer.ts'

export const receiptSchema = v.strictObject({
  v: v.literal(1),
  fed: hashSchema,
  peer: peerIdSchema,
  role: roleSchema,
  /** The peer's trust root: an invitation's record id, or `founder`. */
  root: v.union([hashSchema, v.literal('founder')]),
  /** `provisional` until the admission is final on the ledger. */
  status: v.picklist(['provisional', 'final']),
  issued: instantSchema,
  expires: instantSchema,
})

export type Receipt = v.InferOutput<typeof receiptSchema>

export interface ReceiptExpectation {
  readonly fed: FederationId
  readonly now: Millis
  /** Whose receipts count: the founder and the voters. */
  readonly trusted: readonly PeerId[]
}

/** How far an issuer's clock may be ahead of ours, in ms: the envelope's default skew. */
const MAX_SKEW_MS = 120_000
const MAX_BYTES = 2048

/**
 * Signs a receipt.
 *
 * @throws FederationError `identity/unsealable` where nobody could open it
 */
export async function sealReceipt(signer: Signer, receipt: Receipt): Promise<Uint8Array> {
  return sealShaped(signer, 'receipt', receiptSchema, receipt)
}

/** Opens a receipt that is good now, for this federation, from somebody trusted. */
export async function openReceipt(
  checker: Checker,
  bytes: Uint8Array,
  { fed, now, trusted }: ReceiptExpectation,
): Promise<Verdict<{ receipt: Receipt; issuer: PeerId }>> {
  const opened = await openRecord(checker, 'receipt', receiptSchema, bytes, { maxBytes: MAX_BYTES })
  if (!opened.ok) return opened
  const { value: receipt, signer: issuer } = opened
  if (receipt.fed !== fed)
    return refuse('identity/receipt', 'the receipt is for another federation')
  if (!trusted.includes(issuer)) {
    return refuse('identity/receipt', 'the receipt was not issued by the founder or a voter')
  }
  if (receipt.expires <= now || receipt.issued > now + MAX_SKEW_MS) {
    return refuse('identity/receipt-expired', 'the receipt is not good at this time')
  }
  return { ok: true, receipt, issuer }
}
