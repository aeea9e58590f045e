/**
 * The frame around every signed structure, an array of byte strings, written without a detour: it
 * is on the path of every message, and the general encoder would copy each part twice.
 *
 * @module
 */

/** The same bytes as `encode([...parts])`, for at most 23 parts. */
export function encodeByteStrings(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 1
  for (const part of parts) length += headerLength(part.length) + part.length
  const bytes = new Uint8Array(length)
  bytes[0] = 0x80 | parts.length
  let at = 1
  for (const part of parts) {
    at = writeHeader(bytes, at, part.length)
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function headerLength(length: number): number {
  return length < 24 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5
}

/** Major type 2 (RFC 8949 §3.1), shortest form; returns where the content starts. */
function writeHeader(bytes: Uint8Array, at: number, length: number): number {
  const width = headerLength(length) - 1
  bytes[at] = 0x40 | (width === 0 ? length : width === 1 ? 24 : width === 2 ? 25 : 26)
  for (let i = width; i > 0; i--) bytes[at + i] = Math.floor(length / 256 ** (width - i)) & 0xff
  return at + width + 1
}
