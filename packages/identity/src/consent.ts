/**
 * Consents: a volunteer's own signed statement that they read what a study does and agreed.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { hashSchema, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'
import type { FederationId } from './charter.ts'
import type { Checker } from './checker.ts'
import { peerIdSchema } from './peer-id.ts'
import { openRecord, sealShaped } from './record.ts'
import { mistake, refuse } from './refuse.ts'
import { instantSchema } from './schemas.ts'
import type { Signer } from './signer.ts'

const consentSchema = v.strictObject({
  v: v.literal(1),
  fed: hashSchema,
  /** Who consents, and signs. */
  peer: peerIdSchema,
  /** Record id of the study's manifest. */
  study: hashSchema,
  /** SHA-256 of the text that was shown. */
  textHash: hashSchema,
  /** Version of that text. */
  version: textSchema(64),
  at: instantSchema,
})

export type Consent = v.InferOutput<typeof consentSchema>

const MAX_BYTES = 2048

/**
 * Signs one's own consent.
 *
 * @throws FederationError `identity/unsealable` for another peer's, or where nobody could open it
 */
export async function sealConsent(signer: Signer, consent: Consent): Promise<Uint8Array> {
  if (signer.peer !== consent.peer) {
    throw mistake('identity/unsealable', 'a consent is signed by who consents')
  }
  return sealShaped(signer, 'consent', consentSchema, consent)
}

/** Opens a consent; with `fed`, only one given in that federation. */
export async function openConsent(
  checker: Checker,
  bytes: Uint8Array,
  { fed }: { readonly fed?: FederationId } = {},
): Promise<Verdict<{ consent: Consent; id: string }>> {
  const opened = await openRecord(checker, 'consent', consentSchema, bytes, { maxBytes: MAX_BYTES })
  if (!opened.ok) return opened
  const { value: consent, signer, id } = opened
  if (signer !== consent.peer) {
    return refuse('identity/consent', 'the consent is not signed by who consents')
  }
  if (fed !== undefined && consent.fed !== fed) {
    return refuse('identity/consent', 'the consent is for another federation')
  }
  return { ok: true, consent, id }
}
