/**
 * Whether bytes are well-formed UTF-8, without building the text.
 *
 * @module
 */

/** Checks `bytes[start, end)` against Table 3-7 of the Unicode standard: no overlong forms, no surrogates. */
export function checkUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    const lead = bytes[at]!
    if (lead < 0x80) {
      at += 1
      continue
    }
    const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
    if (length === 0 || at + length > end) return false
    const second = bytes[at + 1]!
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < low || second > high) return false
    for (let i = 2; i < length; i++) if (bytes[at + i]! >> 6 !== 2) return false
    at += length
  }
  return true
}
