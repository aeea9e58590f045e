/**
 * Keys that every test and fuzz target of this package can name by a number. Never for real use.
 *
 * @module
 */
import type { RawSigner } from '@folkmoot/base'
import { ed25519 } from '@noble/curves/ed25519.js'
import { createSigner, type Signer } from './signer.ts'

/** The key whose seed is 32 times `n`. */
export function testRawSigner(n: number): RawSigner {
  const seed = new Uint8Array(32).fill(n)
  return {
    publicKey: ed25519.getPublicKey(seed),
    signRaw: async (message) => ed25519.sign(message, seed),
  }
}

export function testSigner(n: number): Signer {
  return createSigner(testRawSigner(n))
}
