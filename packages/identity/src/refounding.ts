/**
 * Re-founding: when more voters than may fail are lost for good, those who are left found anew. The
 * new charter names the last certified block of the old federation, and old members sign with their
 * own keys that they go along. Nobody can do that for them, and nothing of the old is rewritten.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { equalBytes, hashSchema } from '@folkmoot/codec'
import * as v from 'valibot'
import { type FederationId, type RefoundedFederation, refoundsSchema } from './charter.ts'
import type { Checker } from './checker.ts'
import type { PeerId } from './peer-id.ts'
import { openRecord, sealShaped } from './record.ts'
import { refuse } from './refuse.ts'
import type { Signer } from './signer.ts'

const refoundingSchema = v.strictObject({
  v: v.literal(1),
  /** The new federation: hash of the new charter. */
  fed: hashSchema,
  /** What it continues, as the new charter says. */
  refounds: refoundsSchema,
})

const MAX_BYTES = 1024

/** What an old member signs. */
export interface Refounding {
  /** The new federation. */
  readonly fed: FederationId
  readonly refounds: RefoundedFederation
}

/** Signs, as an old member, that the new federation continues the old one from that block on. */
export async function sealRefounding(
  signer: Signer,
  { fed, refounds }: Refounding,
): Promise<Uint8Array> {
  return sealShaped(signer, 'refounding', refoundingSchema, { v: 1, fed, refounds })
}

/** Opens an old member's word on this re-founding. Whether it was a member is the old ledger's answer. */
export async function openRefounding(
  checker: Checker,
  bytes: Uint8Array,
  { fed, refounds }: Refounding,
): Promise<Verdict<{ member: PeerId }>> {
  const limits = { maxBytes: MAX_BYTES }
  const opened = await openRecord(checker, 'refounding', refoundingSchema, bytes, limits)
  if (!opened.ok) return opened
  const { value, signer } = opened
  const same =
    value.fed === fed &&
    value.refounds.fed === refounds.fed &&
    value.refounds.height === refounds.height &&
    equalBytes(value.refounds.block, refounds.block)
  return same
    ? { ok: true, member: signer }
    : refuse('identity/refounding', 'it is about another founding, or another end of the old one')
}
