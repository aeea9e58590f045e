/**
 * Decides what may leave a peer: today, only values that match a declaration of numbers and words.
 *
 * @example
 * ```ts
 * import { encode } from '@folkmoot/codec'
 * import { sanitize } from '@folkmoot/guard'
 *
 * const declared = { hits: { type: 'int', min: 0, max: 1_000_000 } } as const
 * sanitize(declared, encode({ hits: 785_398 })) // { ok: true, value: { hits: 785398 }, counts: { int: 1 } }
 * sanitize(declared, encode({ hits: 1, note: 'from Ann' })) // refused: guard/undeclared
 * ```
 *
 * @module
 */
export type { GuardCode } from './codes.ts'
export {
  checkDataSchema,
  type DataSchema,
  type EnumRule,
  type FieldRule,
  type FloatRule,
  type IntRule,
  type IntsRule,
} from './data-schema.ts'
export { type Sanitized, sanitize } from './sanitize.ts'
