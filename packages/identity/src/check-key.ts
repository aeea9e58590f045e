/**
 * The half of the acceptance profile that is about keys: which public keys may take part at all.
 *
 * Published verifiers disagree about keys of small order, in a second encoding, or with a torsion
 * component; without such keys all of them answer alike.
 * Source: "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko), tables 1 and 5.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { ed25519 } from '@noble/curves/ed25519.js'
import { mistake, refuse } from './refuse.ts'

/**
 * Refuses a key that is not canonical, of small order, or outside the prime-order group.
 * Takes about 2 ms: remember the answer, as `createChecker` does.
 *
 * @throws FederationError `identity/length`
 */
export function checkPublicKey(key: Uint8Array): Verdict {
  if (key.length !== 32) throw mistake('identity/length', 'an ed25519 public key has 32 bytes')
  let point: InstanceType<typeof ed25519.Point>
  try {
    point = ed25519.Point.fromBytes(key, false)
  } catch {
    return refuse('identity/key-encoding', 'the key is not the canonical encoding of a point')
  }
  if (point.isSmallOrder()) {
    return refuse('identity/key-small-order', 'the key is a point of small order')
  }
  if (!point.isTorsionFree()) {
    return refuse('identity/key-torsion', 'the key is outside the group of prime order')
  }
  return { ok: true }
}
