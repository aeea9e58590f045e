/**
 * Every code that this package refuses or throws with.
 *
 * @module
 */
export type IdentityCode =
  /** Thrown: a public key has 32 bytes, a signature 64, a seed 32. */
  | 'identity/length'
  /** Thrown: signing for a purpose that does not exist, or a note that is not one. */
  | 'identity/purpose'
  /** Thrown: sealing a value that every receiver would refuse. */
  | 'identity/unsealable'
  /** Not an ed25519 libp2p peer id in its one base58 form. */
  | 'identity/peer-id'
  /** The key is not the canonical encoding of a point. */
  | 'identity/key-encoding'
  /** The key is the identity or another point of small order. */
  | 'identity/key-small-order'
  /** The key has a torsion component, so verifiers would disagree about its signatures. */
  | 'identity/key-torsion'
  /** Bytes that are not a signed record. */
  | 'identity/record-malformed'
  /** The record's content is not of the expected shape. */
  | 'identity/record-content'
  /** A version that this program does not know yet. */
  | 'identity/newer-version'
  /** The signature does not verify under the one profile. */
  | 'identity/signature'
  /** The charter's signer is not its founder. */
  | 'identity/charter-founder'
  /** The charter belongs to another federation than the expected one. */
  | 'identity/charter-fed'
  /** The text is not an invitation link. */
  | 'identity/invite-link'
  /** Signed by another key than the invitation's, or for another invitation or federation. */
  | 'identity/redemption'
  /** The receipt is for another federation, or nobody trusted issued it. */
  | 'identity/receipt'
  /** The receipt has run out, or is dated in the future. */
  | 'identity/receipt-expired'
  /** An address record of another federation, or with an address of somebody else. */
  | 'identity/addresses'
  /** The consent is for another federation, or not signed by who consents. */
  | 'identity/consent'
  /** The revocation is for another federation, or signed by neither its subject nor the founder. */
  | 'identity/revocation'
  /** A member's word on re-founding a federation is about another one. */
  | 'identity/refounding'
  /** The text is not a C2SP signed note, or nobody expected signed it. */
  | 'identity/note'
  /** Not an envelope: undecodable, not canonical, oversize or of another shape. */
  | 'identity/envelope-malformed'
  /** An envelope of a version that this program does not know yet. */
  | 'identity/envelope-version'
  /** An envelope of another federation. */
  | 'identity/envelope-fed'
  /** More than the permitted time between sent and deadline, or none. */
  | 'identity/envelope-lifetime'
  /** Sent further ahead of our clock than the skew permits. */
  | 'identity/envelope-future'
  /** Past its deadline. */
  | 'identity/envelope-expired'
  /** The envelope's signature does not verify under the one profile. */
  | 'identity/envelope-signature'
