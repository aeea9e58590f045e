/**
 * Keys, peer ids, the one signature profile, and everything that is signed: records, charters,
 * invitations, receipts, consents, revocations, addresses, envelopes.
 *
 * @example
 * ```ts
 * import { createChecker, createSigner, openEnvelope, sealEnvelope } from '@folkmoot/identity'
 *
 * const signer = createSigner(rawSigner)
 * const bytes = await sealEnvelope(signer, { ...fields, from: signer.peer })
 * const opened = await openEnvelope(createChecker(verifier), bytes, { fed, now })
 * if (opened.ok) console.log(opened.envelope.kind)
 * ```
 *
 * @module
 */
export {
  type AddressRecord,
  MAX_ADDRESS_RECORD_BYTES,
  openAddressRecord,
  sealAddressRecord,
} from './address-record.ts'
export {
  type Amendment,
  amendmentSchema,
  type Charter,
  charterSchema,
  type FederationId,
  fingerprint,
  type OpenedCharter,
  openCharter,
  type RefoundedFederation,
  sealCharter,
} from './charter.ts'
export { checkPublicKey } from './check-key.ts'
export { checkSignatureShape } from './check-signature.ts'
export { type Checker, createChecker } from './checker.ts'
export type { IdentityCode } from './codes.ts'
export { type Consent, openConsent, sealConsent } from './consent.ts'
export {
  type EnvelopeExpectation,
  envelopeBodyHash,
  isStaticFault,
  type OpenedEnvelope,
  openEnvelope,
  sealEnvelope,
} from './envelope.ts'
export { type Envelope, envelopeSchema } from './envelope-schema.ts'
export {
  type Invitation,
  invitationSchema,
  openInvitation,
  openRedemption,
  type RedemptionClaim,
  redemptionSchema,
  sealInvitation,
  sealRedemption,
} from './invitation.ts'
export { decodeInviteFragment, encodeInviteLink, type InviteLink } from './invite-link.ts'
export { type NoteSigner, noteSigner, verifyNote } from './note.ts'
export { type PeerId, parsePeerId, peerIdOf, peerIdSchema, publicKeyOf } from './peer-id.ts'
export {
  openReceipt,
  type Receipt,
  type ReceiptExpectation,
  receiptSchema,
  sealReceipt,
} from './receipt.ts'
export { type OpenedRecord, openRecord, peekRecord, recordBody, sealRecord } from './record.ts'
export { openRefounding, type Refounding, sealRefounding } from './refounding.ts'
export { openRevocation, type Revocation, revocationSchema, sealRevocation } from './revocation.ts'
export {
  type InvitationRole,
  instantSchema,
  invitationRoleSchema,
  type Role,
  roleSchema,
} from './schemas.ts'
export { createSigner, type Signer } from './signer.ts'
export type { Purpose } from './signing-domains.ts'
