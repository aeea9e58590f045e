/**
 * An envelope as calls send it, and the keys that belong to it.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { encode } from '@folkmoot/codec'
import { createSigner, type Envelope, type Signer } from '@folkmoot/identity'
import { signerFromSeed } from '@folkmoot/storage/node'

export const fed = 'ab'.repeat(32)

export interface BenchKey {
  readonly signer: Signer
  readonly raw: Awaited<ReturnType<typeof signerFromSeed>>
  /** The same key for a bare `node:crypto` call. */
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export async function benchKey(fill: number): Promise<BenchKey> {
  const seed = new Uint8Array(32).fill(fill)
  const raw = await signerFromSeed(seed)
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return { signer: createSigner(raw), raw, privateKey, publicKey: createPublicKey(privateKey) }
}

/** A call with `bodyBytes` bytes of content. */
export function sampleEnvelope(from: Signer, to: Signer, bodyBytes: number): Envelope {
  const sent = Date.now()
  return {
    v: 1,
    fed,
    id: bytes(16),
    from: from.peer,
    to: to.peer,
    kind: 'call',
    capability: 'bench.echo',
    sent,
    deadline: sent + 300_000,
    salt: bytes(16),
    body: encode({ data: bytes(bodyBytes) }),
  }
}

export function bytes(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length))
}
