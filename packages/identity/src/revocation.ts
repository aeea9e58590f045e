/**
 * Revocations: the end of a key, declared by its holder or by the founder. A holder makes one when
 * the key is made and keeps it apart, for the day on which the key itself is lost.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { hashSchema, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'
import type { FederationId } from './charter.ts'
import type { Checker } from './checker.ts'
import { type PeerId, peerIdSchema } from './peer-id.ts'
import { openRecord, sealShaped } from './record.ts'
import { refuse } from './refuse.ts'
import { instantSchema } from './schemas.ts'
import type { Signer } from './signer.ts'

export const revocationSchema = v.strictObject({
  v: v.literal(1),
  fed: hashSchema,
  /** Whose key ends. */
  peer: peerIdSchema,
  reason: textSchema(500),
  at: instantSchema,
})

export type Revocation = v.InferOutput<typeof revocationSchema>

const MAX_BYTES = 4096

/**
 * Signs a revocation.
 *
 * @throws FederationError `identity/unsealable` where nobody could open it
 */
export async function sealRevocation(signer: Signer, revocation: Revocation): Promise<Uint8Array> {
  return sealShaped(signer, 'revocation', revocationSchema, revocation)
}

/** Opens a revocation in `fed` by its subject or by `founder`. */
export async function openRevocation(
  checker: Checker,
  bytes: Uint8Array,
  { fed, founder }: { readonly fed: FederationId; readonly founder: PeerId },
): Promise<Verdict<{ revocation: Revocation; by: PeerId; id: string }>> {
  const limits = { maxBytes: MAX_BYTES }
  const opened = await openRecord(checker, 'revocation', revocationSchema, bytes, limits)
  if (!opened.ok) return opened
  const { value: revocation, signer: by, id } = opened
  if (revocation.fed !== fed) {
    return refuse('identity/revocation', 'the revocation is for another federation')
  }
  if (by !== revocation.peer && by !== founder) {
    return refuse(
      'identity/revocation',
      'neither its subject nor the founder signed the revocation',
    )
  }
  return { ok: true, revocation, by, id }
}
