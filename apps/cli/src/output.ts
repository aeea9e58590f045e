/**
 * Where a command's words go: data to stdout in the chosen format, prose to stderr.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { toBase64Url } from '@folkmoot/codec'

export const formats = ['text', 'json', 'jsonl'] as const
export type Format = (typeof formats)[number]

export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface Output {
  readonly format: Format
  /** Whether escape codes may be used on stderr. */
  readonly color: boolean
  /**
   * The command's result. As `json` one envelope; as `jsonl` one envelope per element of an array;
   * as `text` whatever `text` makes of it.
   */
  data<T>(name: string, data: T, text: (data: T) => string): void
  /** A sentence for people, on stderr in every format. */
  note(sentence: string): void
  /** A line that replaces the one before on a terminal and is silent elsewhere. */
  progress(line: string): void
  failure(error: unknown): void
}

/** The envelope's `schema`: a name and the version of its shape. */
const schemaOf = (name: string) => `folkmoot/${name}/1`

/** JSON has no bigint and no bytes; both are data that users meet, so neither may throw here. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return toBase64Url(value)
  return value
}

interface FailureShape {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** What a user sees of anything thrown. */
export function failureShape(error: unknown): FailureShape {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof FederationError)) return { code: 'base/unexpected', message }
  return {
    code: error.code,
    message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }
}

export interface OutputInit {
  readonly format: Format
  readonly stdout: Sink
  readonly stderr: Sink
  readonly environment: Readonly<Record<string, string | undefined>>
}

export function createOutput({ format, stdout, stderr, environment }: OutputInit): Output {
  const color = stderr.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  let progressing = false
  const line = (value: unknown) => stdout.write(`${JSON.stringify(value, plain)}\n`)
  const endProgress = () => {
    if (progressing) stderr.write('\r\u001b[2K')
    progressing = false
  }
  return {
    format,
    color,
    data: (name, data, text) => {
      endProgress()
      const schema = schemaOf(name)
      if (format === 'json') line({ schema, ok: true, data })
      else if (format === 'jsonl') {
        for (const item of Array.isArray(data) ? data : [data]) {
          line({ schema, ok: true, data: item })
        }
      } else {
        const shown = text(data)
        if (shown !== '') stdout.write(`${shown}\n`)
      }
    },
    note: (sentence) => {
      endProgress()
      stderr.write(`${sentence}\n`)
    },
    progress: (text) => {
      if (stderr.isTTY !== true) return
      stderr.write(`\r\u001b[2K${text}`)
      progressing = true
    },
    failure: (error) => {
      endProgress()
      const shape = failureShape(error)
      if (format !== 'text') line({ schema: schemaOf('error'), ok: false, error: shape })
      else {
        stderr.write(`folkmoot: ${shape.message} (${shape.code})\n`)
        if (shape.hint !== undefined) stderr.write(`  ${shape.hint}\n`)
      }
    },
  }
}
