/**
 * Peer ids: an ed25519 public key as libp2p writes it, base58 of an identity multihash.
 *
 * A peer id is a name that parses; whether its key is fit to verify with is `check-key.ts`.
 * Source: libp2p peer-ids specification.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { base58btc } from 'multiformats/bases/base58'
import * as v from 'valibot'
import { mistake, refuse } from './refuse.ts'

/** `12D3KooW…`, 52 characters. */
export type PeerId = string & { readonly __peerId: true }

/** Identity multihash of 36 bytes; protobuf: key type ed25519, then a key of 32 bytes. */
const PREFIX = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20] as const
const KEY_LENGTH = 32

/**
 * The peer id of a key.
 *
 * @throws FederationError `identity/length`
 */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  if (publicKey.length !== KEY_LENGTH) {
    throw mistake('identity/length', 'an ed25519 public key has 32 bytes')
  }
  const bytes = new Uint8Array(PREFIX.length + KEY_LENGTH)
  bytes.set(PREFIX)
  bytes.set(publicKey, PREFIX.length)
  return base58btc.baseEncode(bytes) as PeerId
}

// Every id lies between these two. The alphabet of base58 ascends like the character codes, so
// texts of one length compare as the numbers that they stand for.
const FIRST = peerIdOf(new Uint8Array(KEY_LENGTH))
const LAST = peerIdOf(new Uint8Array(KEY_LENGTH).fill(0xff))
const BASE58 = /^[1-9A-HJ-NP-Za-km-z]{52}$/

/**
 * The 32-byte key inside a peer id.
 *
 * @throws FederationError `identity/peer-id` where the text was never parsed
 */
export function publicKeyOf(peer: PeerId): Uint8Array {
  if (!isPeerId(peer)) throw mistake('identity/peer-id', 'the text is not an ed25519 peer id')
  return base58btc.baseDecode(peer).slice(PREFIX.length)
}

/** Reads a peer id in the form that {@link peerIdOf} writes. */
export function parsePeerId(text: string): Verdict<{ peer: PeerId }> {
  return isPeerId(text)
    ? { ok: true, peer: text }
    : refuse('identity/peer-id', 'the text is not an ed25519 peer id')
}

/** A {@link PeerId} inside a wire format. */
export const peerIdSchema = v.custom<PeerId>(isPeerId, 'a peer id')

function isPeerId(text: unknown): text is PeerId {
  return typeof text === 'string' && BASE58.test(text) && text >= FIRST && text <= LAST
}
