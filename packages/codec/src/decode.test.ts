import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { equalBytes } from './bytes.ts'
import { decode, parse } from './decode.ts'
import { encode } from './encode.ts'
import { encodeByteStrings } from './encode-byte-strings.ts'
import { fromHex, toHex } from './text.ts'

/** Values of the data model, as another program could write them. */
const { value: modelValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }).filter((n) => !isSafe(n)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    text(),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text(), tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}))

function isSafe(n: bigint): boolean {
  return Number.isSafeInteger(Number(n))
}

function text(): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((each) => each !== '__proto__' && !each.startsWith('\ufeff'))
}

describe('round trip', () => {
  test('what was encoded decodes to an equal value', () => {
    fc.assert(
      fc.property(modelValue, (value) => {
        const decoded = decode(encode(value))
        expect(decoded).toEqual({ ok: true, value })
      }),
      { numRuns: 500 },
    )
  })

  test('mutated bytes are refused, or re-encode to themselves', () => {
    const mutation = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat({ max: 2 }))
    fc.assert(
      fc.property(
        modelValue,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (value, edits) => {
          let bytes = [...encode(value)]
          for (const [place, byte, kind] of edits) {
            const at = place % (bytes.length + 1)
            bytes = bytes.toSpliced(at, kind === 0 ? 0 : 1, ...(kind === 1 ? [] : [byte]))
          }
          expectCanonical(Uint8Array.from(bytes))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('random bytes are refused, or re-encode to themselves', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 24 }), expectCanonical), { numRuns: 5000 })
  })

  test('byte strings in an array are framed as the general encoder does it', () => {
    const length = fc.constantFrom(0, 1, 23, 24, 255, 256, 65_535, 65_536, 70_000)
    fc.assert(
      fc.property(fc.array(length, { maxLength: 4 }), (lengths) => {
        const parts = lengths.map((each) => new Uint8Array(each).fill(each))
        expect(equalBytes(encodeByteStrings(...parts), encode(parts))).toBe(true)
      }),
    )
  })
})

function expectCanonical(bytes: Uint8Array): void {
  const decoded = decode(bytes, { integralFloats: false })
  if (decoded.ok) expect(toHex(encode(decoded.value))).toBe(toHex(bytes))
  else expect(decoded.fault.code).toMatch(/^codec\//)
}

describe('what is not canonical is refused', () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    ['a repeated key', 'a2616101616102', 'codec/non-canonical'],
    ['keys out of order', 'a2616201616102', 'codec/non-canonical'],
    ['a longer key before a shorter one', 'a262616101616202', 'codec/non-canonical'],
    ['a key that is not text', 'a10102', 'codec/unsupported'],
    ['the key __proto__', 'a1695f5f70726f746f5f5f01', 'codec/unsupported'],
    ['an integer in two bytes that fits one', '1817', 'codec/non-canonical'],
    ['an integer in three bytes that fits two', '1900ff', 'codec/non-canonical'],
    ['an integer in five bytes that fits three', '1a0000ffff', 'codec/non-canonical'],
    ['an integer in nine bytes that fits five', '1b00000000ffffffff', 'codec/non-canonical'],
    ['a length in two bytes that fits one', '580100', 'codec/non-canonical'],
    ['an open array', '9f01ff', 'codec/non-canonical'],
    ['an open byte string', '5f4101ff', 'codec/non-canonical'],
    ['a lone break', 'ff', 'codec/non-canonical'],
    ['a float of 16 bits', 'f93c00', 'codec/non-canonical'],
    ['a float of 32 bits', 'fa3fc00000', 'codec/non-canonical'],
    ['NaN', 'fb7ff8000000000000', 'codec/unsupported'],
    ['infinity', 'fb7ff0000000000000', 'codec/unsupported'],
    ['undefined', 'f7', 'codec/unsupported'],
    ['a simple value', 'f8ff', 'codec/unsupported'],
    ['a tag but 42', 'c074', 'codec/unsupported'],
    ['a link that is no content id', 'd82a4100', 'codec/unsupported'],
    ['a link without bytes', 'd82a00', 'codec/unsupported'],
    ['bytes after the value', '0000', 'codec/non-canonical'],
    ['no bytes', '', 'codec/truncated'],
    ['half a header', '19ff', 'codec/truncated'],
    ['half a float', 'fb3ff8', 'codec/truncated'],
    ['half a text', '6361', 'codec/truncated'],
    ['half a map', 'a16161', 'codec/truncated'],
    ['an overlong UTF-8 form', '62c080', 'codec/unsupported'],
    ['a surrogate in UTF-8', '63eda080', 'codec/unsupported'],
    ['half a UTF-8 sequence', '61e2', 'codec/unsupported'],
    ['a byte order mark', '64efbbbf61', 'codec/unsupported'],
  ]
  test.each(cases)('%s', (_name, hex, code) => {
    expect(decode(fromHex(hex))).toMatchObject({ ok: false, fault: { code } })
  })

  test('an integer as a float is refused where one encoding is asked for', () => {
    const three = fromHex('fb4008000000000000')
    expect(decode(three)).toEqual({ ok: true, value: 3 })
    expect(decode(three, { integralFloats: false })).toMatchObject({
      fault: { code: 'codec/non-canonical' },
    })
  })
})

describe('limits hold before anything is built', () => {
  test('a count of billions in a few bytes is refused at once', () => {
    for (const hex of ['9affffffff', 'bb00ffffffffffffff', '5b00ffffffffffffff', '7affffffff']) {
      expect(decode(fromHex(hex))).toMatchObject({ fault: { code: 'codec/truncated' } })
    }
  })

  test('more bytes, depth or items than permitted are refused', () => {
    expect(decode(new Uint8Array(11), { maxBytes: 10 })).toMatchObject({
      fault: { code: 'codec/too-large' },
    })
    const deep = Uint8Array.from([...new Array(33).fill(0x81), 0])
    expect(decode(deep)).toMatchObject({ fault: { code: 'codec/too-deep' } })
    expect(decode(deep, { maxDepth: 33 })).toMatchObject({ ok: true })
    const wide = encode([[1, 2], { a: 3 }])
    expect(decode(wide, { maxItems: 6 })).toMatchObject({ ok: true })
    expect(decode(wide, { maxItems: 5 })).toMatchObject({ fault: { code: 'codec/too-many-items' } })
  })

  test('a megabyte of nested arrays is refused without exhausting the stack', () => {
    expect(decode(new Uint8Array(1 << 20).fill(0x81))).toMatchObject({
      fault: { code: 'codec/too-deep' },
    })
  })
})

test('decoded byte strings are copies, also of a Buffer', () => {
  const bytes = Buffer.from(encode([new Uint8Array([1, 2, 3])]))
  const decoded = decode(bytes)
  bytes.fill(0)
  expect(decoded).toEqual({ ok: true, value: [new Uint8Array([1, 2, 3])] })
})

test('a shape that does not fit is refused with its path and without its value', () => {
  const schema = v.strictObject({ list: v.array(v.strictObject({ name: v.string() })) })
  const verdict = parse(schema, encode({ list: [{ name: 'a' }, { name: 123_456 }] }))
  expect(verdict).toMatchObject({ fault: { code: 'codec/schema' } })
  expect(JSON.stringify(verdict)).toContain('list.1.name')
  expect(JSON.stringify(verdict)).not.toContain('123456')
})

test('a field that the sender made up is not repeated in the fault', () => {
  const closed = v.strictObject({ a: v.number() })
  const open = v.record(v.string(), v.number())
  for (const [schema, value] of [
    [closed, { a: 1, 'ann@example.org': 2 }],
    [open, { 'ann@example.org': 'x' }],
  ] as const) {
    const verdict = parse(schema as v.GenericSchema, encode(value))
    expect(verdict).toMatchObject({ fault: { code: 'codec/schema' } })
    expect(JSON.stringify(verdict)).not.toContain('example')
  }
})
