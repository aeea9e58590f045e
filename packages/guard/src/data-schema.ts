/**
 * Declarations of what may leave: named fields of numbers and of words from a fixed list. Free text
 * cannot be declared, so it cannot leave.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { checkShape, intSchema, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'
import type { GuardCode } from './codes.ts'

/** An integer from `min` to `max`, both included. */
export interface IntRule {
  readonly type: 'int'
  readonly min: number
  readonly max: number
}

/** A finite number from `min` to `max`, both included. */
export interface FloatRule {
  readonly type: 'float'
  readonly min: number
  readonly max: number
}

/** One of at most 64 words. */
export interface EnumRule {
  readonly type: 'enum'
  readonly values: readonly string[]
}

/** At most `maxItems` integers from `min` to `max`. */
export interface IntsRule {
  readonly type: 'ints'
  readonly maxItems: number
  readonly min: number
  readonly max: number
}

export type FieldRule = IntRule | FloatRule | EnumRule | IntsRule

/** Rules by field name; every declared field must be present in what leaves. */
export type DataSchema = Readonly<Record<string, FieldRule>>

const MAX_FIELDS = 64
const MAX_INTS = 65_536

const int = intSchema(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
const float = v.pipe(v.number(), v.finite())
const ordered = 'a range whose min is at most its max'

const fieldRule = v.variant('type', [
  v.pipe(
    v.strictObject({ type: v.literal('int'), min: int, max: int }),
    v.check(({ min, max }) => min <= max, ordered),
  ),
  v.pipe(
    v.strictObject({ type: v.literal('float'), min: float, max: float }),
    v.check(({ min, max }) => min <= max, ordered),
  ),
  v.strictObject({
    type: v.literal('enum'),
    values: v.pipe(
      v.array(v.pipe(textSchema(64), v.nonEmpty())),
      v.minLength(1),
      v.maxLength(64),
      v.check((values) => new Set(values).size === values.length, 'words that differ'),
    ),
  }),
  v.pipe(
    v.strictObject({
      type: v.literal('ints'),
      maxItems: intSchema(1, MAX_INTS),
      min: int,
      max: int,
    }),
    v.check(({ min, max }) => min <= max, ordered),
  ),
])

const fieldName = v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/))
const dataSchema = v.pipe(v.record(fieldName, fieldRule), v.minEntries(1), v.maxEntries(MAX_FIELDS))

/** Reads a declaration that somebody else wrote. */
export function checkDataSchema(value: unknown): Verdict<{ schema: DataSchema }> {
  const checked = checkShape(dataSchema, value)
  if (!checked.ok) return undeclarable(checked.fault.message)
  // The schema library passes over names such as `constructor`; a declaration must not lose fields.
  return Object.keys(checked.value).length === Object.keys(value as object).length
    ? { ok: true, schema: checked.value }
    : undeclarable('a field name is reserved')
}

function undeclarable(message: string) {
  return refuse('guard/declaration' satisfies GuardCode, `the declaration is not valid: ${message}`)
}
