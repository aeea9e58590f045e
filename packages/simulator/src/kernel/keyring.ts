/**
 * Signatures without the arithmetic: a keyed hash under a secret that only the holder of the pair
 * can use. Checking looks the secret up by public key, so a process can sign with nothing but the
 * keys that lie on its own disk, exactly as with ed25519, at a thousandth of the cost. Public keys are
 * true points, because voter sets are checked for that.
 *
 * @module
 */
import type { VerifyItem } from '@folkmoot/consensus'
import { type Checker, type PeerId, type Purpose, peerIdOf } from '@folkmoot/identity'
import { ed25519 } from '@noble/curves/ed25519.js'
import { createMixer } from './mixer.ts'

export interface KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** The public key as a peer id, which is also how a vote key is named to a checker. */
  readonly peer: PeerId
  /** 64 bytes. */
  sign(purpose: Purpose, bytes: Uint8Array): Uint8Array
}

export interface Keyring {
  /** The pair with this label: always the same one. */
  pair(label: string): KeyPair
  verify(item: VerifyItem): boolean
  /** The same judgement behind identity's interface, for light clients and followers. */
  readonly checker: Checker
}

interface Secret {
  readonly words: readonly number[]
  readonly publicKey: Uint8Array
  readonly peer: PeerId
}

/** One label has one key in every world, so the curve's arithmetic is done once a thread. */
const secrets = new Map<string, Secret>()

function secretOf(label: string): Secret {
  const known = secrets.get(label)
  if (known !== undefined) return known
  const words = createMixer().text('secret').text(label).words()
  const publicKey = ed25519.getPublicKey(spread(words, 'seed', 32))
  const secret = { words, publicKey, peer: peerIdOf(publicKey) }
  secrets.set(label, secret)
  return secret
}

function spread(key: readonly number[], salt: string, length: number): Uint8Array {
  const out = new Uint8Array(length)
  const view = new DataView(out.buffer)
  for (let at = 0; at < length; at += 16) {
    const words = createMixer(key).text(salt).number(at).words()
    words.forEach((word, index) => {
      view.setUint32(at + index * 4, word, true)
    })
  }
  return out
}

/** The top bits of each half are 0, as in a signature of ed25519's one accepted shape. */
function signWith(secret: readonly number[], purpose: string, bytes: Uint8Array): Uint8Array {
  const digest = createMixer(secret).text(purpose).bytes(bytes).words()
  const signature = spread(digest, 'signature', 64)
  for (const at of [31, 63]) signature[at] = signature[at]! & 0x0f
  return signature
}

export function createKeyring(): Keyring {
  const pairs = new Map<string, KeyPair>()
  const bySigner = new Map<PeerId, readonly number[]>()
  const verify = (signer: PeerId, purpose: string, signature: Uint8Array, bytes: Uint8Array) => {
    const secret = bySigner.get(signer)
    if (secret === undefined || signature.length !== 64) return false
    const expected = signWith(secret, purpose, bytes)
    return expected.every((byte, index) => byte === signature[index])
  }
  return {
    pair(label) {
      const known = pairs.get(label)
      if (known !== undefined) return known
      const { words, publicKey, peer } = secretOf(label)
      bySigner.set(peer, words)
      const pair: KeyPair = {
        publicKey,
        peer,
        sign: (purpose, bytes) => signWith(words, purpose, bytes),
      }
      pairs.set(label, pair)
      return pair
    },
    verify: ({ signer, purpose, signature, bytes }) => verify(signer, purpose, signature, bytes),
    checker: {
      verify: async (purpose, peer, signature, bytes) => verify(peer, purpose, signature, bytes),
    },
  }
}
