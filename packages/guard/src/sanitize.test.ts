import { encode, fromHex } from '@folkmoot/codec'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkDataSchema, type DataSchema } from './data-schema.ts'
import { sanitize } from './sanitize.ts'

const declared: DataSchema = {
  hits: { type: 'int', min: 0, max: 1000 },
  share: { type: 'float', min: -1, max: 1 },
  verdict: { type: 'enum', values: ['clean', 'dirty'] },
  bins: { type: 'ints', maxItems: 3, min: -5, max: 5 },
}
const honest = { hits: 7, share: 0.25, verdict: 'clean', bins: [1, -2] }
const codeOf = (schema: DataSchema, bytes: Uint8Array) => {
  const verdict = sanitize(schema, bytes)
  return verdict.ok ? 'ok' : verdict.fault.code
}

test('what is declared leaves, and is counted by type', () => {
  expect(sanitize(declared, encode(honest))).toEqual({
    ok: true,
    value: honest,
    counts: { int: 1, float: 1, enum: 1, ints: 1 },
  })
})

test.each<[string, object, string]>([
  ['a field that is not declared', { ...honest, note: 'from Ann' }, 'guard/undeclared'],
  ['a field named as something every object has', { ...honest, toString: 1 }, 'guard/undeclared'],
  ['a missing field', { hits: 7 }, 'guard/missing'],
  ['text for a number', { ...honest, hits: '7' }, 'guard/type'],
  ['a fraction for an integer', { ...honest, hits: 0.5 }, 'guard/type'],
  ['an integer past the safe ones', { ...honest, hits: 2n ** 60n }, 'guard/type'],
  ['a number too large', { ...honest, hits: 1001 }, 'guard/range'],
  ['a number too small', { ...honest, share: -1.5 }, 'guard/range'],
  ['another word', { ...honest, verdict: 'ann@example.org' }, 'guard/range'],
  ['a list of words for a word', { ...honest, verdict: ['clean'] }, 'guard/type'],
  ['too many integers', { ...honest, bins: [1, 2, 3, 4] }, 'guard/range'],
  ['text among integers', { ...honest, bins: ['a'] }, 'guard/type'],
  ['an integer in a list out of range', { ...honest, bins: [6] }, 'guard/range'],
  ['bytes for integers', { ...honest, bins: new Uint8Array(2) }, 'guard/type'],
  ['null', { ...honest, share: null }, 'guard/type'],
  ['a list', [honest], 'guard/unreadable'],
  ['nesting', { ...honest, bins: [[[1]]] }, 'guard/unreadable'],
])('%s does not leave', (_name, value, code) => {
  expect(codeOf(declared, encode(value))).toBe(code)
})

test('bytes that cannot be judged do not leave', () => {
  expect(codeOf(declared, new Uint8Array())).toBe('guard/unreadable')
  expect(codeOf(declared, new Uint8Array(1 << 17))).toBe('guard/unreadable')
  expect(codeOf(declared, Uint8Array.from([...encode(honest), 0]))).toBe('guard/unreadable')
})

test('a rule of an unknown kind lets nothing pass', () => {
  const future = { hits: { type: 'text' } } as unknown as DataSchema
  expect(codeOf(future, encode({ hits: 'free' }))).toBe('guard/type')
})

test('without a declared float an integer has one encoding', () => {
  const three = fromHex('a16168fb4008000000000000')
  expect(codeOf({ h: { type: 'int', min: 0, max: 9 } }, three)).toBe('guard/unreadable')
  expect(codeOf({ h: { type: 'float', min: 0, max: 9 } }, three)).toBe('ok')
})

test('a refusal never holds what it refused', () => {
  const secret = 'sk-0123456789abcdef'
  for (const value of [
    { ...honest, verdict: secret },
    { ...honest, [secret]: 1 },
  ]) {
    const verdict = sanitize(declared, encode(value))
    expect(verdict.ok).toBe(false)
    expect(JSON.stringify(verdict)).not.toContain(secret)
  }
})

describe('properties', () => {
  const anything = fc.object({ maxDepth: 2, withBigInt: true, values: [fc.string(), fc.double()] })

  test('whatever passes has the declared fields and nothing else', () => {
    const mixed = fc
      .tuple(fc.subarray(Object.keys(honest), { minLength: 3 }), anything, fc.boolean())
      .map(([keys, extra, add]) => ({
        ...Object.fromEntries(keys.map((key) => [key, honest[key as keyof typeof honest]])),
        ...(add ? extra : {}),
      }))
    fc.assert(
      fc.property(mixed, (value) => {
        let bytes: Uint8Array
        try {
          bytes = encode(value)
        } catch {
          return
        }
        const verdict = sanitize(declared, bytes)
        if (verdict.ok)
          expect(Object.keys(verdict.value).sort()).toEqual(Object.keys(declared).sort())
        else expect(verdict.fault.code).toMatch(/^guard\//)
      }),
    )
  })

  test('random and mutated bytes are judged, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), (noise, at) => {
        expect(sanitize(declared, noise).ok).toBe(false)
        const bytes = encode(honest)
        bytes[at % bytes.length]! ^= (noise[0] ?? 0) | 1
        sanitize(declared, bytes)
      }),
    )
  })
})

describe('declarations', () => {
  test('a declaration is read as it was written', () => {
    expect(checkDataSchema(declared)).toEqual({ ok: true, schema: declared })
  })

  test.each<[string, unknown]>([
    ['no field', {}],
    ['a field of text', { a: { type: 'text' } }],
    ['a range without numbers', { a: { type: 'int' } }],
    ['a range upside down', { a: { type: 'float', min: 1, max: 0 } }],
    ['a range without end', { a: { type: 'float', min: 0, max: Number.POSITIVE_INFINITY } }],
    ['no word', { a: { type: 'enum', values: [] } }],
    ['a word twice', { a: { type: 'enum', values: ['x', 'x'] } }],
    [
      'too many words',
      { a: { type: 'enum', values: Array.from({ length: 65 }, (_, i) => `${i}`) } },
    ],
    ['an unknown property', { a: { type: 'int', min: 0, max: 1, note: '' } }],
    ['a field name with a space', { 'a b': { type: 'int', min: 0, max: 1 } }],
    ['a reserved field name', { b: { type: 'int', min: 0, max: 1 }, constructor: declared.hits }],
    ['a list', [declared.hits]],
    ['nothing', null],
  ])('%s cannot be declared', (_name, value) => {
    expect(checkDataSchema(value)).toMatchObject({ fault: { code: 'guard/declaration' } })
  })
})
