/**
 * CRC-32C (Castagnoli, RFC 3720 §B.4): finds torn and rotten bytes; no protection against malice.
 *
 * @module
 */

/** Reflected polynomial 0x1EDC6F41. */
const POLYNOMIAL = 0x82f63b78

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
  return value
})

/** The checksum of `bytes`, or of what came before with `bytes` after it when `previous` is given. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
