/**
 * Keys for tests in Node: the same seed number gives the same key on every run.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { RawSigner } from '@folkmoot/base'
import { createChecker, createSigner, type Signer } from '../src/index.ts'

const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** A raw key whose seed is 32 times the byte `seed` (and `seed >> 8` in front). */
export function testRawSigner(seed: number): RawSigner {
  const bytes = Buffer.alloc(32, seed & 255)
  bytes.writeUInt16BE(seed >> 8)
  const key = createPrivateKey({
    key: Buffer.concat([PRIVATE_PREFIX, bytes]),
    format: 'der',
    type: 'pkcs8',
  })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(12)),
    signRaw: async (message) => new Uint8Array(sign(null, message, key)),
  }
}

export function testSigner(seed: number): Signer {
  return createSigner(testRawSigner(seed))
}

/** Counts what it verified, so that tests can bound the work. */
export function testChecker() {
  let verified = 0
  const checker = createChecker({
    kind: 'node',
    verify: async (publicKey, signature, message) => {
      verified += 1
      const key = createPublicKey({
        key: Buffer.concat([PUBLIC_PREFIX, publicKey]),
        format: 'der',
        type: 'spki',
      })
      return verify(null, message, key, signature)
    },
  })
  return {
    checker,
    get verified() {
      return verified
    },
  }
}
