import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { run, seeds } from './prepare-module.fuzz.ts'
import { prepareModule } from './prepare-module.ts'

const seed = fc.constantFrom(...seeds)
const edit = fc.record({
  at: fc.nat(1 << 16),
  remove: fc.nat(4),
  insert: fc.uint8Array({ maxLength: 6 }),
})

function edited(bytes: Uint8Array, edits: { at: number; remove: number; insert: Uint8Array }[]) {
  return edits.reduce((current, { at, remove, insert }) => {
    const from = at % (current.length + 1)
    return Uint8Array.from([
      ...current.subarray(0, from),
      ...insert,
      ...current.subarray(from + remove),
    ])
  }, bytes)
}

describe('any bytes', () => {
  test('get an answer', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void run(bytes)))
  })

  test('after the header get an answer', () => {
    const header = seeds[0]!.subarray(0, 8)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (rest) => {
        run(Uint8Array.from([...header, ...rest]))
      }),
    )
  })
})

describe('a valid module that was tampered with', () => {
  test('is refused, or loads with zero imports and the ABI alone', () => {
    let accepted = 0
    fc.assert(
      fc.property(seed, fc.array(edit, { minLength: 1, maxLength: 4 }), (bytes, edits) => {
        if (run(edited(bytes, edits)).ok) accepted += 1
      }),
      { numRuns: 3_000 },
    )
    // The property would be empty if nothing ever got through.
    expect(accepted).toBeGreaterThan(10)
  })

  test('in one byte is refused, or loads, for every byte and bit', () => {
    for (const bytes of seeds) {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = bytes.slice()
        flipped[bit >> 3]! ^= 1 << (bit & 7)
        run(flipped)
      }
    }
  })

  test('gives the same verdict each time', () => {
    fc.assert(
      fc.property(seed, fc.array(edit, { maxLength: 2 }), (bytes, edits) => {
        const changed = edited(bytes, edits)
        const limits = { memoryPages: 16 }
        expect(prepareModule(changed, limits)).toEqual(prepareModule(changed, limits))
      }),
      { numRuns: 300 },
    )
  })
})
