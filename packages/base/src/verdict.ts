/**
 * What a check of somebody else's input concluded. A peer's misbehaviour is never an exception:
 * it is a value that trust and audit consume.
 *
 * @module
 */

/** Why an input was refused; `code` is `package/what`, as in {@link FederationError}. */
export interface Fault {
  readonly code: string
  readonly message: string
}

export type Accepted<T> = { readonly ok: true } & T
export interface Refused {
  readonly ok: false
  readonly fault: Fault
  /** Bytes that let a third party repeat the judgement, where they exist. */
  readonly evidence?: Uint8Array
}

/** Either the accepted content or the fault that refused it. */
export type Verdict<T = unknown> = Accepted<T> | Refused

/** Shorthand for a refusal. */
export function refuse(code: string, message: string, evidence?: Uint8Array): Refused {
  return evidence === undefined
    ? { ok: false, fault: { code, message } }
    : { ok: false, fault: { code, message }, evidence }
}
