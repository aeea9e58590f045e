/**
 * The half of the acceptance profile that is about signatures: 64 bytes, S < L, R canonical and not
 * of small order. What passes is then checked by the cofactorless equation.
 *
 * Source: RFC 8032 §5.1.7; "Taming the many EdDSAs", section 3.
 *
 * @module
 */

/** Order of the prime-order group, 2^252 + 27742317777372353535851937790883648493, little-endian. */
const L = bytesOf('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
/** The field's prime, 2^255 − 19, little-endian. */
const P = bytesOf('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')
/** The y coordinates of the eight points of small order, little-endian, without the sign bit. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(bytesOf)

/** Whether a signature is of the one form that every verifier treats alike. */
export function checkSignatureShape(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  if (!isBelow(signature.subarray(32), L, 0xff)) return false
  const r = signature.subarray(0, 32)
  return isBelow(r, P, 0x7f) && !SMALL_ORDER.some((y) => isSameY(r, y))
}

/** Little-endian `a < b`, with `mask` over the last byte of `a`. */
function isBelow(a: Uint8Array, b: Uint8Array, mask: number): boolean {
  for (let i = 31; i >= 0; i--) {
    const byte = i === 31 ? a[i]! & mask : a[i]!
    if (byte !== b[i]!) return byte < b[i]!
  }
  return false
}

function isSameY(point: Uint8Array, y: Uint8Array): boolean {
  for (let i = 0; i < 31; i++) if (point[i] !== y[i]) return false
  return (point[31]! & 0x7f) === y[31]!
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}
