/**
 * Uniform numbers for jitter from the platform's randomness.
 *
 * @module
 */
import type { Randomness } from '@folkmoot/base'

/** Each call gives a number in [0, 1) with 32 random bits. */
export function diceFrom(randomness: Randomness): () => number {
  return () => {
    const bytes = randomness.bytes(4)
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32
  }
}
