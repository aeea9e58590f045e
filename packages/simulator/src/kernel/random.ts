/**
 * The only source of chance in a simulation: sfc32 over 32-bit integers, so that one seed gives the
 * same numbers in every JavaScript engine. Each concern forks a stream of its own; drawing more for
 * the network then changes nothing about crashes.
 *
 * @module
 */
export interface Random {
  /** 0 to 2³² − 1. */
  uint32(): number
  /** An integer from 0 to `n` − 1. */
  below(n: number): number
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** True with probability `p`. */
  chance(p: number): boolean
  pick<T>(items: readonly T[]): T
  shuffled<T>(items: readonly T[]): T[]
  bytes(length: number): Uint8Array
  /** An independent stream that depends on the seed and the label alone. */
  fork(label: string): Random
}

/** 32 bits of a text, to tell streams apart. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return hash >>> 0
}

/** `seed` is any safe integer. */
export function createRandom(seed: number, stream = 0): Random {
  let a = seed >>> 0
  let b = Math.floor(seed / 0x1_0000_0000) >>> 0
  let c = stream >>> 0
  let counter = 1
  const uint32 = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  // As the generator's author asks: the first outputs still show the seed.
  for (let i = 0; i < 15; i += 1) uint32()
  const below = (n: number) => Math.floor((uint32() / 0x1_0000_0000) * n)
  return {
    uint32,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (p) => uint32() < p * 0x1_0000_0000,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('nothing to pick from')
      return items[below(items.length)]!
    },
    shuffled: (items) => {
      const mixed = [...items]
      for (let i = mixed.length - 1; i > 0; i -= 1) {
        const j = below(i + 1)
        const swapped = mixed[i]!
        mixed[i] = mixed[j]!
        mixed[j] = swapped
      }
      return mixed
    },
    bytes: (length) => Uint8Array.from({ length }, () => uint32() & 0xff),
    fork: (label) => createRandom(seed, (hashText(label) ^ Math.imul(stream, 0x9e3779b1)) >>> 0),
  }
}
