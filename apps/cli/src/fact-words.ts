/**
 * A proven fact in words, and how its file is told apart from an export.
 *
 * @module
 */
import { decode, toHex } from '@folkmoot/codec'
import { parseFact } from '@folkmoot/ledger'
import { textInstant } from './text-table.ts'

export interface ShownFact {
  readonly federation: string
  readonly key: string
  /** Null where there is no such fact. */
  readonly fact: string | null
  readonly height: number
  readonly epoch: number
  readonly time: number
  readonly engine: string
  readonly signers: readonly string[]
  readonly voters: number
}

/** What a file says that it is; whether it is that is seen when it is verified. */
export function isFactFile(bytes: Uint8Array): boolean {
  const decoded = decode(bytes, { maxBytes: bytes.length, maxItems: 10_000_000 })
  const value = decoded.ok ? decoded.value : null
  return typeof value === 'object' && value !== null && 'fact' in value
}

/** Instants among the fields of facts. */
const instants = new Set(['at', 'expires', 'since', 'time', 'opened'])

/** What a fact says, field by field. */
export function factWords(key: string, value: Uint8Array): string {
  const parsed = parseFact(key, value)
  if (!parsed.ok) return `not readable: ${parsed.fault.message}`
  const { kind, id, fact } = parsed
  const of = id === '' ? kind : `${kind} ${id}`
  return `${of}: ${words(fact, kind === 'proposal' ? new Set(['time']) : instants)}`
}

function words(value: unknown, times: ReadonlySet<string>): string {
  if (value instanceof Uint8Array) {
    return value.length <= 32 ? toHex(value) : `${value.length} bytes`
  }
  if (Array.isArray(value)) return `[${value.map((each) => words(each, times)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value).trim()
  return Object.entries(value)
    .map(([name, field]) =>
      typeof field === 'number' && times.has(name) && field <= 8.64e15
        ? `${name} ${textInstant(field)}`
        : `${name} ${words(field, times)}`,
    )
    .join(', ')
}
