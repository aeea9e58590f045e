/**
 * Hashing of Merkle trees: RFC 6962 §2.1, with leaves and nodes in separate domains.
 *
 * @module
 */
import { sha256 } from './sha256.ts'

/** Root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot: Uint8Array = sha256(new Uint8Array())

/** SHA-256(0x00 ‖ bytes). */
export function leafHash(bytes: Uint8Array): Uint8Array {
  const input = new Uint8Array(bytes.length + 1)
  input.set(bytes, 1)
  return sha256(input)
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(left.length + right.length + 1)
  input[0] = 1
  input.set(left, 1)
  input.set(right, left.length + 1)
  return sha256(input)
}
