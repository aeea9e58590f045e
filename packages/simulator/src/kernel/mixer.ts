/**
 * A fast 128-bit hash for the simulator alone: it tells traces apart and stands in for signatures.
 * It resists accidents, not attackers; liars in a simulation are our own code and do not search for
 * collisions.
 *
 * @module
 */
export interface Mixer {
  number(value: number): Mixer
  text(value: string): Mixer
  bytes(value: Uint8Array): Mixer
  /** Four words that depend on everything so far; absorbing may go on. */
  words(): [number, number, number, number]
}

export function createMixer(key: readonly number[] = []): Mixer {
  let a = 0x243f6a88
  let b = 0x85a308d3
  let c = 0x13198a2e
  let d = 0x03707344
  const word = (value: number) => {
    a = Math.imul(a ^ value, 0x85ebca6b)
    a ^= a >>> 15
    b = Math.imul((b + a) | 0, 0xc2b2ae35)
    b ^= b >>> 13
    c = (Math.imul(c ^ b, 0x9e3779b1) + value) | 0
    d = (d ^ c) + ((a << 7) | (a >>> 25))
    d |= 0
  }
  const mixer: Mixer = {
    number(value) {
      word(value | 0)
      word(Math.floor(value / 0x1_0000_0000) | 0)
      const fraction = value - Math.floor(value)
      if (fraction !== 0) word(Math.floor(fraction * 0x1_0000_0000) | 0)
      return mixer
    },
    text(value) {
      word(value.length)
      for (let i = 0; i < value.length; i += 1) word(value.charCodeAt(i))
      return mixer
    },
    bytes(value) {
      const { length } = value
      word(length)
      let i = 0
      for (; i + 4 <= length; i += 4) {
        word(value[i]! | (value[i + 1]! << 8) | (value[i + 2]! << 16) | (value[i + 3]! << 24))
      }
      for (; i < length; i += 1) word(value[i]!)
      return mixer
    },
    words() {
      const saved = [a, b, c, d] as const
      for (let i = 0; i < 4; i += 1) word(i)
      const out: [number, number, number, number] = [a >>> 0, b >>> 0, c >>> 0, d >>> 0]
      ;[a, b, c, d] = saved
      return out
    },
  }
  for (const part of key) word(part)
  return mixer
}
