/**
 * Turns valid inputs into hostile ones: bit flips, interesting integers, truncation, splices,
 * repetition, and lengths that lie.
 *
 * @module
 */

/** A seeded source of small integers (xorshift32), so that a run can be repeated. */
export interface Dice {
  /** An integer in [0, sides). */
  below(sides: number): number
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0 || 1
  return {
    below: (sides) => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      state >>>= 0
      return state % Math.max(1, sides)
    },
  }
}

const integers = [0, 1, 0x17, 0x18, 0x19, 0x1b, 0x1f, 0x3b, 0x5b, 0x5f, 0x7f, 0x80, 0x9b].concat([
  0x9f, 0xbb, 0xbf, 0xd8, 0xf7, 0xf9, 0xfb, 0xfe, 0xff,
])
const wide = [0xff, 0xffff, 0x7fffffff, 0xffffffff, 0x80000000, 0x100, 0x10000]

type Mutation = (input: Uint8Array, dice: Dice, other: Uint8Array) => Uint8Array

function edited(input: Uint8Array, edit: (copy: Uint8Array) => void): Uint8Array {
  const copy = input.slice()
  if (copy.length > 0) edit(copy)
  return copy
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const mutations: readonly Mutation[] = [
  // one bit
  (input, dice) =>
    edited(input, (copy) => {
      copy[dice.below(copy.length)]! ^= 1 << dice.below(8)
    }),
  // one byte that begins or ends something in most formats
  (input, dice) =>
    edited(input, (copy) => {
      copy[dice.below(copy.length)] = integers[dice.below(integers.length)]!
    }),
  // a wide integer, either end first, where a length may stand
  (input, dice) =>
    edited(input, (copy) => {
      const width = Math.min(copy.length, dice.below(2) === 0 ? 2 : 4)
      const at = dice.below(copy.length - width + 1)
      const value = wide[dice.below(wide.length)]!
      const little = dice.below(2) === 0
      for (let i = 0; i < width; i++) {
        copy[at + i] = value >>> (8 * (little ? i : width - 1 - i))
      }
    }),
  // small steps up or down, for counters and lengths that are off by a few
  (input, dice) =>
    edited(input, (copy) => {
      copy[dice.below(copy.length)]! += dice.below(9) - 4
    }),
  // truncated
  (input, dice) => input.slice(0, dice.below(input.length + 1)),
  // a part removed
  (input, dice) => {
    const from = dice.below(input.length + 1)
    return joined(input.slice(0, from), input.slice(from + 1 + dice.below(16)))
  },
  // a part repeated
  (input, dice) => {
    const from = dice.below(input.length + 1)
    const part = input.slice(from, from + 1 + dice.below(32))
    const times = 1 + dice.below(dice.below(8) === 0 ? 400 : 4)
    return joined(
      input.slice(0, from),
      ...Array.from({ length: times }, () => part),
      input.slice(from),
    )
  },
  // bytes inserted
  (input, dice) => {
    const from = dice.below(input.length + 1)
    const noise = Uint8Array.from({ length: 1 + dice.below(8) }, () => dice.below(256))
    return joined(input.slice(0, from), noise, input.slice(from))
  },
  // the head of one input, the tail of another
  (input, dice, other) =>
    joined(input.slice(0, dice.below(input.length + 1)), other.slice(dice.below(other.length + 1))),
  // a part of another in the middle
  (input, dice, other) => {
    const from = dice.below(input.length + 1)
    const start = dice.below(other.length + 1)
    const part = other.slice(start, start + dice.below(64))
    return joined(input.slice(0, from), part, input.slice(from + part.length))
  },
  // deep nesting, one byte over and over
  (input, dice) => {
    const opener = [0x81, 0x9f, 0xa1, 0x5b, 0x28, 0x7b][dice.below(6)]!
    const deep = new Uint8Array(1 + dice.below(2000)).fill(opener)
    const from = dice.below(input.length + 1)
    return joined(input.slice(0, from), deep, input.slice(from))
  },
]

/** One to six mutations in a row, at most `maxBytes` long. */
export function mutate(
  input: Uint8Array,
  other: Uint8Array,
  dice: Dice,
  maxBytes: number,
): Uint8Array {
  let bytes = input
  for (let left = 1 + dice.below(6); left > 0; left--) {
    bytes = mutations[dice.below(mutations.length)]!(bytes, dice, other)
  }
  return bytes.length > maxBytes ? bytes.slice(0, maxBytes) : bytes
}
