/**
 * Signs with the vote keys of the database, each only while it is the key of our seat. A voter whose
 * key is gone, or is another than the set names, signs nothing and becomes an observer.
 *
 * @module
 */
import type { ConsensusDatabase } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import { createSigner, type Purpose, type Signer } from '@folkmoot/identity'

export interface VoteSigner {
  /** The public key that a voter set names for us under this key's name; no other signs. */
  permit(name: string, publicKey: Uint8Array): void
  /** No bytes where there is no such key. */
  sign(request: {
    readonly key: string
    readonly purpose: Purpose
    readonly bytes: Uint8Array
  }): Promise<Uint8Array>
}

export function createVoteSigner(database: ConsensusDatabase): VoteSigner {
  const signers = new Map<string, Promise<Signer | undefined>>()
  const permitted = new Map<string, Uint8Array>()

  async function open(name: string): Promise<Signer | undefined> {
    const raw = await database.key(name)
    const expected = permitted.get(name)
    if (raw && expected && equalBytes(raw.publicKey, expected)) return createSigner(raw)
    signers.delete(name)
    return undefined
  }

  return {
    permit: (name, publicKey) => {
      permitted.set(name, publicKey)
    },
    sign: async ({ key, purpose, bytes }) => {
      const known = signers.get(key) ?? open(key)
      signers.set(key, known)
      const signer = await known
      return signer ? signer.sign(purpose, bytes) : new Uint8Array()
    },
  }
}
