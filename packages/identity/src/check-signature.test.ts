import { fromHex } from '@folkmoot/codec'
import { ed25519 } from '@noble/curves/ed25519.js'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPublicKey } from './check-key.ts'
import { checkSignatureShape } from './check-signature.ts'

const L = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010'
const BASE = '5866666666666666666666666666666666666666666666666666666666666666'
const SIGNED_BASE = '58666666666666666666666666666666666666666666666666666666666666e6'
const shape = (r: string, s: string) => checkSignatureShape(fromHex(r + s))
const s = '01'.padEnd(64, '0')

test('every honest signature has the one shape', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
      expect(checkSignatureShape(ed25519.sign(seed, seed))).toBe(true)
      expect(checkPublicKey(ed25519.getPublicKey(seed)).ok).toBe(true)
    }),
    { numRuns: 20 },
  )
})

test('S ends below L', () => {
  expect(shape(BASE, `ec${L.slice(2)}`)).toBe(true)
  expect(shape(BASE, L)).toBe(false)
  expect(shape(BASE, `ee${L.slice(2)}`)).toBe(false)
  expect(shape(BASE, 'ff'.repeat(32))).toBe(false)
  expect(shape(BASE, '00'.repeat(31).concat('20'))).toBe(false)
})

test('a signature has 64 bytes', () => {
  expect(checkSignatureShape(fromHex(BASE + s.slice(2)))).toBe(false)
  expect(checkSignatureShape(fromHex(`${BASE}${s}00`))).toBe(false)
})

/** Computed, not copied: multiples of a point of order 8. */
const smallOrder = (() => {
  const t = ed25519.Point.fromHex(
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  )
  const points = [ed25519.Point.ZERO]
  for (let i = 1; i < 8; i++) points.push(points[i - 1]!.add(t))
  expect(points[7]!.add(t).is0()).toBe(true)
  return points.map((point) => point.toHex())
})()

describe('points of small order', () => {
  test.each(smallOrder)('%s is neither a key nor an R', (hex) => {
    expect(shape(hex, s)).toBe(false)
    expect(checkPublicKey(fromHex(hex))).toMatchObject({
      fault: { code: 'identity/key-small-order' },
    })
  })

  test('a key with such a point added has torsion', () => {
    for (const hex of smallOrder.slice(1)) {
      const mixed = ed25519.Point.fromHex(BASE).add(ed25519.Point.fromHex(hex))
      expect(checkPublicKey(mixed.toBytes())).toMatchObject({
        fault: { code: 'identity/key-torsion' },
      })
    }
  })
})

test('a y of p or more is a second encoding and refused', () => {
  for (let low = 0xed; low <= 0xff; low++) {
    for (const high of ['7f', 'ff']) {
      const hex = low.toString(16) + 'ff'.repeat(30) + high
      expect(shape(hex, s)).toBe(false)
      expect(checkPublicKey(fromHex(hex))).toMatchObject({
        fault: { code: 'identity/key-encoding' },
      })
    }
  }
  expect(shape(BASE, s)).toBe(true)
  expect(shape(SIGNED_BASE, s)).toBe(true)
})

test('zero with a sign is a second encoding too', () => {
  const minusZero = `01${'00'.repeat(30)}80`
  expect(shape(minusZero, s)).toBe(false)
  expect(checkPublicKey(fromHex(minusZero)).ok).toBe(false)
})
