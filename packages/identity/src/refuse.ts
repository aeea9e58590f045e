/**
 * Refusals and errors with this package's codes only.
 *
 * @module
 */
import { FederationError, type Refused, refuse as refuseAny } from '@folkmoot/base'
import type { IdentityCode } from './codes.ts'

export const refuse: (code: IdentityCode, message: string, evidence?: Uint8Array) => Refused =
  refuseAny

/** The error of a caller's mistake. */
export function mistake(code: IdentityCode, message: string): FederationError<IdentityCode> {
  return new FederationError(code, message)
}
