import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes, concatBytes, equalBytes } from './bytes.ts'
import { checkUtf8 } from './check-utf8.ts'
import { contentIdOf, matchesContentId, parseContentId } from './content-id.ts'
import { fromBase64Url, fromHex, fromUtf8, toBase64Url, toHex, utf8 } from './text.ts'

test('bytes survive hex and base64url', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(fromHex(toHex(bytes))).toEqual(bytes)
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes)
    }),
  )
})

test.each(['0', 'AB', 'zz', '0x12', ' 12'])('%j is not hex', (text) => {
  expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'codec/text' }))
})

test.each(['A', 'AB==', 'AB', 'A+A', 'A A'])('%j is not base64url', (text) => {
  expect(() => fromBase64Url(text)).toThrow(expect.objectContaining({ code: 'codec/text' }))
})

test('UTF-8 is judged as a strict decoder judges it', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 4 }).map(utf8),
    fc
      .constantFrom('eda080', 'c080', 'e08080', 'f0808080', 'f4908080', 'f5', 'efbbbf')
      .map(fromHex),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 3 }), (pieces) => {
      const bytes = concatBytes(...pieces)
      let expected: string | undefined
      try {
        expected = fromUtf8(bytes)
      } catch {}
      expect(checkUtf8(bytes, 0, bytes.length)).toBe(expected !== undefined)
      if (expected !== undefined) expect(utf8(expected)).toEqual(bytes)
    }),
    { numRuns: 2000 },
  )
})

test('bytes are ordered and compared by value', () => {
  const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(1, 255)]
  expect(compareBytes(a, b)).toBeLessThan(0)
  expect(compareBytes(a, Uint8Array.of(1))).toBeGreaterThan(0)
  expect(equalBytes(a, Uint8Array.of(1, 2))).toBe(true)
  expect(equalBytes(a, b)).toBe(false)
})

test('a content id names its bytes and no others', () => {
  const id = contentIdOf(utf8('hello'))
  // The same id as `ipfs add --cid-version 1 --raw-leaves` gives.
  expect(id).toBe('bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq')
  expect(matchesContentId(id, utf8('hello'))).toBe(true)
  expect(matchesContentId(id, utf8('hellO'))).toBe(false)
})

test.each([
  ['version 0', 'QmQg1v4o9xdT3Q14wh4S7dxZkDjyZ9ssFzFzyep1YrVJBY'],
  ['base58', 'zdpuAtX7ZibcWdSKQwiDCkPjWwRvtcKCPku9H7LhgA4qJW4Wk'],
  ['upper case', 'BAFKREIBM6JG3UX5QUMHCN2B3FLC3TYU6DMLB4XA7U5BF44YEGNRJHC4YEQ'],
  ['stray bits at the end', 'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yer'],
  ['another codec', 'bagcqcera73rupyla6bauseyk75rslfys3st25spm75ykhvgusqvv2zfqtucq'],
  ['nothing', ''],
])('a content id in another form is refused: %s', (_name, text) => {
  expect(parseContentId(text)).toMatchObject({ fault: { code: 'codec/content-id' } })
})
