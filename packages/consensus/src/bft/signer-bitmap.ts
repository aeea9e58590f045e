/**
 * Which voters signed: one bit each, the lowest index in the lowest bit of the first byte.
 *
 * @module
 */

/** The bits of these indices, for a set of `size` voters. */
export function bitmapOf(indices: Iterable<number>, size: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(size / 8))
  for (const index of indices) bitmap[index >> 3]! |= 1 << (index & 7)
  return bitmap
}

/** The indices whose bit is set, ascending. */
export function indicesOf(bitmap: Uint8Array): number[] {
  const indices: number[] = []
  for (let index = 0; index < bitmap.length * 8; index++) {
    if (bitmap[index >> 3]! & (1 << (index & 7))) indices.push(index)
  }
  return indices
}

/** Whether the bitmap is the one of a set of `size` voters: its length, and no bit to spare. */
export function fitsSet(bitmap: Uint8Array, size: number): boolean {
  if (bitmap.length !== Math.ceil(size / 8)) return false
  return size % 8 === 0 || bitmap[bitmap.length - 1]! >> (size % 8) === 0
}
