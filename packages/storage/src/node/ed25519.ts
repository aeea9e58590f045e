/**
 * ed25519 and randomness by `node:crypto`.
 *
 * The verifier answers the bare cofactorless equation; `identity` adds the acceptance profile that
 * makes every implementation agree.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import {
  type Ed25519Verifier,
  FederationError,
  type Randomness,
  type RawSigner,
} from '@folkmoot/base'
import { cacheKeys } from '../crypto-key-cache.ts'

/** DER around a raw private key (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
/** DER around a raw public key (RFC 8410 §4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * The signer of a 32-byte seed (RFC 8032 §5.1.5). The seed is copied into OpenSSL's memory; the
 * caller may wipe its own.
 *
 * @throws FederationError `storage/seed-length`
 */
export async function signerFromSeed(seed: Uint8Array): Promise<RawSigner> {
  if (seed.length !== 32) {
    throw new FederationError('storage/seed-length', 'an ed25519 seed has 32 bytes')
  }
  const der = Buffer.concat([PKCS8_PREFIX, seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    signRaw: async (message) => new Uint8Array(sign(null, message, key)),
  }
}

/** OpenSSL's verifier. Works on the calling thread: a check takes about 0.13 ms. */
export function nodeVerifier(): Ed25519Verifier {
  const keyOf = cacheKeys((publicKey) =>
    createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' }),
  )
  return {
    kind: 'node',
    verify: async (publicKey, signature, message) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      try {
        return verify(null, message, keyOf(publicKey), signature)
      } catch {
        // OpenSSL refuses some encodings when it imports them: the same answer, earlier.
        return false
      }
    },
  }
}

/** The system's random generator. */
export function nodeRandomness(): Randomness {
  return { bytes: (length) => new Uint8Array(randomBytes(length)) }
}
