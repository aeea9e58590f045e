/**
 * Signing by purpose: the only way in which our own structures are signed.
 *
 * @module
 */
import type { RawSigner } from '@folkmoot/base'
import { concatBytes } from '@folkmoot/codec'
import { type PeerId, peerIdOf } from './peer-id.ts'
import { mistake } from './refuse.ts'
import { type Purpose, purposePrefixes } from './signing-domains.ts'

/** A peer's key, able to sign for the purposes of this project and nothing else. */
export interface Signer {
  readonly peer: PeerId
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /**
   * 64 bytes over the purpose's prefix and `bytes`.
   *
   * @throws FederationError `identity/purpose`
   */
  sign(purpose: Purpose, bytes: Uint8Array): Promise<Uint8Array>
}

/** Wraps a raw key, which nobody else should keep. */
export function createSigner(raw: RawSigner): Signer {
  return {
    peer: peerIdOf(raw.publicKey),
    publicKey: raw.publicKey,
    sign: async (purpose, bytes) => raw.signRaw(signedBytes(purpose, bytes)),
  }
}

/** What is really signed for `purpose`. */
export function signedBytes(purpose: Purpose, bytes: Uint8Array): Uint8Array {
  const prefix = purposePrefixes.get(purpose)
  if (prefix === undefined) throw mistake('identity/purpose', 'there is no such purpose')
  return concatBytes(prefix, bytes)
}
