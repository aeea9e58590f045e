/**
 * What happened, as one running hash over everything and, where asked for, as lines for a person.
 * Two runs are the same run exactly when their hashes are.
 *
 * @module
 */
import { createMixer } from './mixer.ts'

export interface TraceEvent {
  /** Simulated ms since the start. */
  readonly at: number
  /** The process it happened to; `*` for what concerns all. */
  readonly node: string
  readonly kind: string
  /** Hashed and printed. */
  readonly detail?: string
  /** Hashed; printed by `describe`. */
  readonly bytes?: Uint8Array
}

export interface Trace {
  record(event: TraceEvent): void
  /** Events recorded. */
  readonly length: number
  /** 32 hexadecimal digits. */
  hash(): string
  /** Oldest first; empty unless kept. */
  lines(): readonly string[]
}

export interface TraceInit {
  /** Keep lines for a person; default false. */
  readonly keep?: boolean
  /** What a message says, in a few words; default its length. */
  readonly describe?: (bytes: Uint8Array) => string
}

export function createTrace({ keep = false, describe }: TraceInit = {}): Trace {
  const mixer = createMixer()
  const lines: string[] = []
  let length = 0
  return {
    record({ at, node, kind, detail, bytes }) {
      length += 1
      mixer.number(at).text(node).text(kind)
      if (detail !== undefined) mixer.text(detail)
      if (bytes !== undefined) mixer.bytes(bytes)
      if (!keep) return
      const said = bytes === undefined ? '' : (describe?.(bytes) ?? `${bytes.length} bytes`)
      const rest = [detail, said].filter(Boolean).join('  ')
      lines.push(`${at.toFixed(3).padStart(12)}  ${node.padEnd(6)} ${kind.padEnd(10)} ${rest}`)
    },
    get length() {
      return length
    },
    hash: () =>
      mixer
        .words()
        .map((word) => word.toString(16).padStart(8, '0'))
        .join(''),
    lines: () => lines,
  }
}
