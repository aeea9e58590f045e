/**
 * Turns what the file system and SQLite throw into the codes of this package.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'

/** EFBIG is a file size limit (RLIMIT_FSIZE): no room, as far as the caller is concerned. */
const BY_SYSTEM_CODE: Readonly<Record<string, StorageCode>> = {
  ENOSPC: 'storage/full',
  EDQUOT: 'storage/full',
  EFBIG: 'storage/full',
  EROFS: 'storage/read-only',
  EACCES: 'storage/read-only',
  EPERM: 'storage/read-only',
}

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const BY_SQLITE_CODE: Readonly<Record<number, StorageCode>> = {
  5: 'storage/locked',
  6: 'storage/locked',
  8: 'storage/read-only',
  11: 'storage/corrupt',
  13: 'storage/full',
  26: 'storage/corrupt',
}

/** SQLITE_IOERR_WRITE: SQLite reports ENOSPC as FULL but EFBIG and EDQUOT as this. */
const IOERR_WRITE = 778

/** `error` as a {@link FederationError}; `what` names the attempt, e.g. `write the audit log`. */
export function toStorageError(
  error: unknown,
  what: string,
  fallback: StorageCode = 'storage/failed',
): FederationError<StorageCode> {
  if (error instanceof FederationError) return error as FederationError<StorageCode>
  const code = codeOf(error) ?? fallback
  const reason = error instanceof Error ? error.message : String(error)
  return new FederationError(code, `could not ${what}: ${reason}`, { cause: error })
}

function codeOf(error: unknown): StorageCode | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('errcode' in error && typeof error.errcode === 'number') {
    if (error.errcode === IOERR_WRITE) return 'storage/full'
    return BY_SQLITE_CODE[error.errcode & 0xff]
  }
  return 'code' in error && typeof error.code === 'string' ? BY_SYSTEM_CODE[error.code] : undefined
}
