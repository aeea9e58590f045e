import { expect, test } from 'vitest'
import { encode } from './encode.ts'
import { toHex } from './text.ts'

test('keys are sorted by length, then by byte', () => {
  expect(toHex(encode({ b: 1, aa: 2, a: 3 }))).toBe('a361610361620162616102')
})

test('a number that is an integer is written as one', () => {
  expect(toHex(encode([1.0, -0, 2 ** 53, 0.5]))).toBe('840100fb4340000000000000fb3fe0000000000000')
})

const cycle: unknown[] = []
cycle.push(cycle)

test.each([
  ['undefined', undefined],
  ['undefined inside', { a: [undefined] }],
  ['NaN', Number.NaN],
  ['infinity', [Number.NEGATIVE_INFINITY]],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a date', new Date(0)],
  ['a cycle', cycle],
  ['a bigint past 64 bits', 2n ** 64n],
  ['a lone surrogate', 'a\ud800'],
  ['a lone surrogate as a key', { '\udc00': 1 }],
  ['a leading byte order mark', '\ufeffa'],
  ['the key __proto__', JSON.parse('{"__proto__": 1}')],
  ['a map whose keys are not text', new Map([[1, 2]])],
])('%s has no canonical form', (_name, value) => {
  expect(() => encode(value)).toThrow(expect.objectContaining({ code: 'codec/unencodable' }))
})

test('a failure leaves nothing behind for the next value', () => {
  expect(() => encode([1, 2, 'x'.repeat(500), undefined])).toThrow()
  expect(toHex(encode([1]))).toBe('8101')
})

test('the bytes own their memory, so that they can be transferred', () => {
  const bytes = encode({ a: 1 })
  expect(bytes.constructor).toBe(Uint8Array)
  expect(bytes.buffer.byteLength).toBe(bytes.byteLength)
})
