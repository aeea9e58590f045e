/**
 * Decides whether bytes may leave: only the declared fields, of the declared types, in the declared
 * ranges. Anything else blocks, and so does anything that cannot be judged.
 *
 * @module
 */
import { type Refused, refuse, type Verdict } from '@folkmoot/base'
import { decode } from '@folkmoot/codec'
import type { GuardCode } from './codes.ts'
import type { DataSchema, FieldRule } from './data-schema.ts'

export interface Sanitized {
  /** The declared fields alone. */
  readonly value: Readonly<Record<string, unknown>>
  /** How many values left, by type: what the envelope and the audit log report. */
  readonly counts: Readonly<Record<string, number>>
}

/** Longest output that is judged, in bytes; the largest that a study may declare. */
const MAX_BYTES = 1 << 16

/** Judges one output. A refusal names the field and never its content. */
export function sanitize(schema: DataSchema, bytes: Uint8Array): Verdict<Sanitized> {
  const rules = Object.entries(schema)
  // Without a declared float a number has one encoding only, and no bit to hide in the other.
  const integralFloats = rules.some(([, rule]) => rule.type === 'float')
  const decoded = decode(bytes, { maxBytes: MAX_BYTES, maxDepth: 2, integralFloats })
  if (!decoded.ok) return block('guard/unreadable', decoded.fault.message)
  const fields = decoded.value
  if (!isMap(fields)) return block('guard/unreadable', 'the output is not a map of fields')
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(schema, name)) {
      // The name itself is not declared either, so it must not reach a log.
      return block('guard/undeclared', 'the output has a field that is not declared')
    }
  }
  const value: Record<string, unknown> = {}
  const counts: Record<string, number> = {}
  for (const [name, rule] of rules) {
    if (!Object.hasOwn(fields, name)) {
      return block('guard/missing', `the declared field ${name} is missing`)
    }
    const code = judge(rule, fields[name])
    if (code !== undefined) return block(code, `the field ${name} is not as declared`)
    value[name] = fields[name]
    counts[rule.type] = (counts[rule.type] ?? 0) + 1
  }
  return { ok: true, value, counts }
}

function judge(rule: FieldRule, value: unknown): GuardCode | undefined {
  switch (rule.type) {
    case 'int':
      return Number.isSafeInteger(value) ? range(rule, value as number) : 'guard/type'
    case 'float':
      return Number.isFinite(value) ? range(rule, value as number) : 'guard/type'
    case 'enum':
      if (typeof value !== 'string') return 'guard/type'
      return rule.values.includes(value) ? undefined : 'guard/range'
    case 'ints': {
      if (!Array.isArray(value)) return 'guard/type'
      if (value.length > rule.maxItems) return 'guard/range'
      for (const item of value) {
        if (!Number.isSafeInteger(item)) return 'guard/type'
        if (item < rule.min || item > rule.max) return 'guard/range'
      }
      return undefined
    }
    default:
      // A rule of a kind that this version does not know lets nothing pass.
      return 'guard/type'
  }
}

function range({ min, max }: { min: number; max: number }, value: number): GuardCode | undefined {
  return value >= min && value <= max ? undefined : 'guard/range'
}

function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

function block(code: GuardCode, message: string): Refused {
  return refuse(code, message)
}
