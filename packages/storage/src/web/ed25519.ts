/**
 * ed25519 and randomness in a browser: WebCrypto, and libsodium's WebAssembly where WebCrypto has
 * no ed25519. The same code runs in Node.
 *
 * The verifiers answer the bare cofactorless equation; `identity` adds the acceptance profile that
 * makes every implementation agree.
 *
 * @module
 */
import {
  type Ed25519Verifier,
  FederationError,
  type Randomness,
  type RawSigner,
} from '@folkmoot/base'
import { concatBytes, fromBase64Url, fromHex } from '@folkmoot/codec'
import { cacheKeys } from '../crypto-key-cache.ts'

const ALGORITHM = { name: 'Ed25519' } as const
/** DER around a raw private key (RFC 8410 §7). */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420')
/** Most bytes that `getRandomValues` gives in one call. */
const RANDOM_QUOTA = 65_536

/**
 * The signer of a 32-byte seed (RFC 8032 §5.1.5). With WebCrypto the key that signs cannot be
 * exported again.
 *
 * @throws FederationError `storage/seed-length`
 */
export async function signerFromSeed(seed: Uint8Array): Promise<RawSigner> {
  if (seed.length !== 32) {
    throw new FederationError('storage/seed-length', 'an ed25519 seed has 32 bytes')
  }
  return (await hasWebCryptoEd25519()) ? webSigner(seed) : sodiumSigner(seed)
}

/** WebCrypto's verifier where the browser has ed25519 (Chromium 137, Firefox 129, Safari 17), else libsodium's. */
export async function webVerifier(): Promise<Ed25519Verifier> {
  if (!(await hasWebCryptoEd25519())) return sodiumVerifier()
  const keyOf = cacheKeys((publicKey) =>
    crypto.subtle.importKey('raw', own(publicKey), ALGORITHM, false, ['verify']),
  )
  return {
    kind: 'webcrypto',
    verify: async (publicKey, signature, message) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      try {
        const key = await keyOf(publicKey)
        return await crypto.subtle.verify(ALGORITHM, key, own(signature), own(message))
      } catch {
        // Some encodings are refused at import: the same answer, earlier.
        return false
      }
    },
  }
}

/** libsodium's verifier; its WebAssembly (about 100 KB gzip) is loaded by the first call. */
export async function sodiumVerifier(): Promise<Ed25519Verifier> {
  const sodium = await loadSodium()
  return {
    kind: 'sodium',
    verify: async (publicKey, signature, message) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      return sodium.crypto_sign_verify_detached(signature, message, publicKey)
    },
  }
}

/** The browser's random generator. */
export function webRandomness(): Randomness {
  return {
    bytes: (length) => {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at += RANDOM_QUOTA) {
        crypto.getRandomValues(bytes.subarray(at, at + RANDOM_QUOTA))
      }
      return bytes
    },
  }
}

async function webSigner(seed: Uint8Array): Promise<RawSigner> {
  const der = concatBytes(PKCS8_PREFIX, seed)
  const load = (extractable: boolean) =>
    crypto.subtle.importKey('pkcs8', own(der), ALGORITHM, extractable, ['sign'])
  // The public half can only be had from an exportable key, so one is made and dropped.
  const { x } = await crypto.subtle.exportKey('jwk', await load(true))
  const key = await load(false)
  der.fill(0)
  return {
    publicKey: fromBase64Url(x!),
    signRaw: async (message) =>
      new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, own(message))),
  }
}

async function sodiumSigner(seed: Uint8Array): Promise<RawSigner> {
  const sodium = await loadSodium()
  const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(seed)
  return {
    publicKey,
    signRaw: async (message) => sodium.crypto_sign_detached(message, privateKey),
  }
}

async function loadSodium() {
  const { default: sodium } = await import('libsodium-wrappers')
  await sodium.ready
  return sodium
}

let webCryptoEd25519: Promise<boolean> | undefined

/** `crypto.subtle` is missing outside secure contexts, and older browsers refuse the algorithm. */
function hasWebCryptoEd25519(): Promise<boolean> {
  webCryptoEd25519 ??= (async () => {
    try {
      await crypto.subtle.importKey('raw', new Uint8Array(BASE_POINT), ALGORITHM, false, ['verify'])
      return true
    } catch {
      return false
    }
  })()
  return webCryptoEd25519
}

/** Any valid key serves the probe; this is the curve's base point. */
const BASE_POINT = fromHex('5866666666666666666666666666666666666666666666666666666666666666')

/** WebCrypto's types exclude shared memory, which nothing here uses. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}
