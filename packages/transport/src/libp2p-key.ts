/**
 * A raw signer as libp2p sees a private key. The secret may be non-extractable, so `raw` throws;
 * Noise, identify and the relay's vouchers only ever sign.
 *
 * @module
 */
import { FederationError, type RawSigner } from '@folkmoot/base'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, Ed25519PublicKey } from '@libp2p/interface'

export function libp2pKey(signer: RawSigner): Ed25519PrivateKey {
  const publicKey = publicKeyFromRaw(signer.publicKey) as Ed25519PublicKey
  return {
    type: 'Ed25519',
    publicKey,
    get raw(): Uint8Array {
      throw new FederationError('transport/closed', 'the private key cannot be read')
    },
    equals: (other: { publicKey?: unknown } | undefined) =>
      other?.publicKey !== undefined && publicKey.equals(other.publicKey),
    sign: (data) => signer.signRaw(data.subarray()),
    toString: () => `Ed25519 ${publicKey.toString()}`,
  } as Ed25519PrivateKey
}
