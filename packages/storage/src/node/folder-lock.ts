/**
 * One process per state folder. The lock is a transaction that stays open on a small SQLite file:
 * the operating system frees it however the process ends, so nothing stale is left behind.
 *
 * Nobody else may open that file: closing any handle on it would free the lock (POSIX `fcntl`).
 *
 * @module
 */
import { DatabaseSync } from 'node:sqlite'
import { errorCode, FederationError } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { toStorageError } from './to-storage-error.ts'

/**
 * Takes the lock in the file `path`; the returned function gives it back.
 *
 * @throws FederationError `storage/locked`, `storage/read-only`, `storage/unreadable`
 */
export function lockFolder(path: string): () => void {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    const known = toStorageError(error, `lock ${path}`, 'storage/unreadable')
    if (errorCode(known) !== 'storage/locked') throw known
    throw new FederationError<StorageCode>('storage/locked', 'the state is in use', {
      cause: error,
      details: { path },
      hint: 'another process uses this folder: stop it, or give this one its own folder',
    })
  }
  const held = database
  return () => held.close()
}
