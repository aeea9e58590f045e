/**
 * Invitations and what is done with them: a member signs one, the joining peer redeems it with the
 * key whose seed the link carries.
 *
 * A redemption names the joining peer, so whoever sees one cannot redeem it for themselves. How
 * many uses are left and whether it is revoked is the ledger's question.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { equalBytes, exactBytes, hashSchema, intSchema, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'
import type { FederationId } from './charter.ts'
import type { Checker } from './checker.ts'
import { type PeerId, peerIdSchema, publicKeyOf } from './peer-id.ts'
import { openRecord, sealRecord, sealShaped } from './record.ts'
import { refuse } from './refuse.ts'
import { addressSchema, instantSchema, invitationRoleSchema } from './schemas.ts'
import type { Signer } from './signer.ts'

export const invitationSchema = v.strictObject({
  v: v.literal(1),
  fed: hashSchema,
  /** Multiaddrs of relays where the invited can join. */
  relays: v.pipe(v.array(addressSchema), v.maxLength(8)),
  role: invitationRoleSchema,
  /** Whom it was made for: a class, an organisation, with a seat the one to vote for; may be empty. */
  cohort: textSchema(64),
  /** How many peers may join by it. */
  uses: intSchema(1, 100_000),
  expires: instantSchema,
  /** The invitation key: public here, its seed in the link. */
  key: exactBytes(32),
  /** Where a light client starts: an epoch, the hash of its voters, and when that was so. */
  anchor: v.strictObject({
    epoch: intSchema(0, Number.MAX_SAFE_INTEGER),
    setHash: exactBytes(32),
    date: instantSchema,
  }),
})

export type Invitation = v.InferOutput<typeof invitationSchema>

/** Its signer is the invitation's key, which {@link openRedemption} compares. */
export const redemptionSchema = v.strictObject({
  v: v.literal(1),
  /** Record id of the invitation. */
  invitation: hashSchema,
  fed: hashSchema,
  /** Who joins. */
  peer: peerIdSchema,
})

/** Longest invitation or redemption, in bytes: a link must fit a QR code's worth of patience. */
const MAX_BYTES = 8192

/** What a redemption is checked against. */
export interface RedemptionClaim {
  /** Record id of the invitation. */
  readonly id: string
  readonly fed: FederationId
  /** The invitation's key. */
  readonly key: Uint8Array
}

/**
 * Signs an invitation.
 *
 * @throws FederationError `identity/unsealable` where nobody could open it
 */
export async function sealInvitation(signer: Signer, invitation: Invitation): Promise<Uint8Array> {
  return sealShaped(signer, 'invitation', invitationSchema, invitation)
}

/** Opens an invitation. Whether its inviter may invite, and whether it is still good, is not asked. */
export async function openInvitation(
  checker: Checker,
  bytes: Uint8Array,
): Promise<Verdict<{ invitation: Invitation; inviter: PeerId; id: string }>> {
  const limits = { maxBytes: MAX_BYTES }
  const opened = await openRecord(checker, 'invitation', invitationSchema, bytes, limits)
  if (!opened.ok) return opened
  return { ok: true, invitation: opened.value, inviter: opened.signer, id: opened.id }
}

/** Redeems an invitation for `peer` with the invitation's key. */
export async function sealRedemption(
  inviteSigner: Signer,
  redemption: {
    readonly invitation: string
    readonly fed: FederationId
    readonly peer: PeerId
  },
): Promise<Uint8Array> {
  const { invitation, fed, peer } = redemption
  return sealRecord(inviteSigner, 'redemption', { v: 1, invitation, fed, peer })
}

/** Opens a redemption of one invitation and says who joins by it. */
export async function openRedemption(
  checker: Checker,
  bytes: Uint8Array,
  claim: RedemptionClaim,
): Promise<Verdict<{ peer: PeerId }>> {
  const limits = { maxBytes: MAX_BYTES }
  const opened = await openRecord(checker, 'redemption', redemptionSchema, bytes, limits)
  if (!opened.ok) return opened
  const { invitation, fed, peer } = opened.value
  if (!equalBytes(publicKeyOf(opened.signer), claim.key)) {
    return refuse('identity/redemption', "the redemption is not signed by the invitation's key")
  }
  if (invitation !== claim.id || fed !== claim.fed) {
    return refuse('identity/redemption', 'the redemption is for another invitation')
  }
  return { ok: true, peer }
}
