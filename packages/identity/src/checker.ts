/**
 * Verifying under the one acceptance profile, whatever implementation does the arithmetic:
 * key canonical and in the prime-order group, signature of the one shape, cofactorless equation.
 *
 * @module
 */
import type { Ed25519Verifier } from '@folkmoot/base'
import { checkPublicKey } from './check-key.ts'
import { checkSignatureShape } from './check-signature.ts'
import { type PeerId, publicKeyOf } from './peer-id.ts'
import { createRecentMap } from './recent-map.ts'
import { signedBytes } from './signer.ts'
import type { Purpose } from './signing-domains.ts'

export interface Checker {
  /** Whether `peer` signed `bytes` for `purpose`. Never throws on a parsed peer id. */
  verify(
    purpose: Purpose | 'note',
    peer: PeerId,
    signature: Uint8Array,
    bytes: Uint8Array,
  ): Promise<boolean>
}

/** Keys whose admission check is remembered: more than the members of the largest federation. */
const MAX_KEYS = 4096

/**
 * A checker over the platform's verifier. A key's admission check (2 ms) is made once and its
 * answer kept, good or bad, for the 4,096 keys seen last. `note` verifies the text as it stands
 * and is for {@link verifyNote} alone.
 */
export function createChecker(verifier: Ed25519Verifier): Checker {
  const keys = createRecentMap<PeerId, { key: Uint8Array; fit: boolean }>(MAX_KEYS)
  const admit = (peer: PeerId) => {
    const known = keys.get(peer)
    if (known !== undefined) return known
    const key = publicKeyOf(peer)
    return keys.set(peer, { key, fit: checkPublicKey(key).ok })
  }
  return {
    verify: async (purpose, peer, signature, bytes) => {
      if (!checkSignatureShape(signature)) return false
      const { key, fit } = admit(peer)
      if (!fit) return false
      return verifier.verify(
        key,
        signature,
        purpose === 'note' ? bytes : signedBytes(purpose, bytes),
      )
    },
  }
}
