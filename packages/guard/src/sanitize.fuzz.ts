/**
 * Fuzz targets of the guard. A run throws only where something undeclared would leave.
 *
 * @module
 */
import { decode, encode } from '@folkmoot/codec'
import { checkDataSchema, type DataSchema } from './data-schema.ts'
import { sanitize } from './sanitize.ts'

const declared: DataSchema = {
  n: { type: 'int', min: -9, max: 9 },
  x: { type: 'float', min: 0, max: 1 },
  w: { type: 'enum', values: ['a', 'b'] },
  l: { type: 'ints', maxItems: 4, min: 0, max: 99 },
}

export const targets = [
  {
    name: 'guard/sanitize',
    seeds: [encode({ n: 1, x: 0.5, w: 'a', l: [1, 2, 3] })],
    run(bytes: Uint8Array) {
      const verdict = sanitize(declared, bytes)
      if (verdict.ok && Object.keys(verdict.value).sort().join() !== 'l,n,w,x') {
        throw new Error('something undeclared would leave')
      }
      return verdict
    },
  },
  {
    name: 'guard/declaration',
    seeds: [encode(declared)],
    run(bytes: Uint8Array) {
      const decoded = decode(bytes)
      return decoded.ok ? checkDataSchema(decoded.value) : decoded
    },
  },
]
