/**
 * Keys and a verifier for tests, by `node:crypto`, so that this package needs nothing above it.
 *
 * @module
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { Ed25519Verifier, RawSigner } from '@folkmoot/base'
import { createSigner, type Signer } from '@folkmoot/identity'

const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const spki = Buffer.from('302a300506032b6570032100', 'hex')

/** The signer whose seed is the hash of a name. */
export function signerNamed(name: string): Signer {
  const seed = createHash('sha256').update(name).digest()
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const raw: RawSigner = {
    publicKey: new Uint8Array(der.subarray(-32)),
    signRaw: async (message) => new Uint8Array(sign(null, message, key)),
  }
  return createSigner(raw)
}

export const nodeVerifier: Ed25519Verifier = {
  kind: 'node',
  verify: async (publicKey, signature, message) => {
    try {
      const der = Buffer.concat([spki, publicKey])
      const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
      return verify(null, message, key, signature)
    } catch {
      return false
    }
  },
}
