/**
 * Turns what IndexedDB throws into the codes of this package.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'

/** DOMException names, https://www.w3.org/TR/IndexedDB/#exceptions. */
const BY_NAME: Readonly<Record<string, StorageCode>> = {
  QuotaExceededError: 'storage/full',
  VersionError: 'storage/newer-schema',
  InvalidStateError: 'storage/closed',
  ReadOnlyError: 'storage/read-only',
  // Two writers of one log: the second finds its index taken.
  ConstraintError: 'storage/locked',
  SecurityError: 'storage/unsupported',
}

/** `error` as a {@link FederationError}; `what` names the attempt. */
export function toStorageError(
  error: unknown,
  what: string,
  fallback: StorageCode = 'storage/failed',
): FederationError<StorageCode> {
  if (error instanceof FederationError) return error as FederationError<StorageCode>
  const name = (error as { name?: unknown } | null)?.name
  const code = (typeof name === 'string' ? BY_NAME[name] : undefined) ?? fallback
  const reason = error instanceof Error ? error.message : String(error)
  return new FederationError(code, `could not ${what}: ${reason}`, { cause: error })
}
