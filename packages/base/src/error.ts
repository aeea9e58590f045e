/**
 * The one class that is thrown: a caller's mistake or a failure of input and output.
 *
 * @module
 */
import type { Fault } from './verdict.ts'

export interface FederationErrorInit {
  readonly cause?: unknown
  /** JSON-safe facts about the failure, without personal data. */
  readonly details?: Readonly<Record<string, unknown>>
  /** What the caller can do about it, in one sentence. */
  readonly hint?: string
}

/**
 * `code` is `package/what`; each code has a paragraph in `docs/errors.md`.
 *
 * @example throw new FederationError('storage/locked', 'the state folder is in use', { details: { path } })
 */
export class FederationError<Code extends string = string> extends Error {
  override readonly name = 'FederationError'
  readonly code: Code
  readonly details: Readonly<Record<string, unknown>>
  readonly hint: string | undefined

  constructor(code: Code, message: string, init: FederationErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause })
    this.code = code
    this.details = init.details ?? {}
    this.hint = init.hint
  }

  /** The same failure as the value that a remote caller receives. */
  toFault(): Fault {
    return { code: this.code, message: this.message }
  }
}

/** The code of any thrown value: its own where it is a {@link FederationError}, else `fallback`. */
export function errorCode(error: unknown, fallback = 'base/unexpected'): string {
  return error instanceof FederationError ? error.code : fallback
}

/** The message of any thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
