/**
 * What our SQLite files share: the table behind an ordered map, transactions, and how they sync.
 *
 * SQLite syncs on the thread that commits, which is the one that does everything else. So it commits
 * to its write-ahead log without a sync, and the file system's own thread syncs that log: a write is
 * answered after both. Until then it can be read here, and a power cut may still take it back.
 *
 * Keys are stored as UTF-16 big endian, because SQLite compares blobs byte by byte and the
 * interfaces promise the order of code units, which UTF-8 does not keep.
 *
 * @module
 */
import { chmodSync, closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import type { ListRange, StoreOperation } from '@folkmoot/base'
import { prefixEnd } from '../key-range.ts'

export interface SqliteTable {
  get(key: string): Uint8Array | undefined
  list(range: ListRange): ReadonlyArray<readonly [key: string, value: Uint8Array]>
  /** Inside a transaction of the caller's. */
  apply(operations: readonly StoreOperation[]): void
}

export interface SyncedDatabase {
  readonly database: DatabaseSync
  /** Makes what was committed durable. After a failure nobody knows what is. */
  sync(): Promise<void>
  close(): void
}

const datasync = promisify(fdatasync)

/**
 * Opens the database in the file `path`, or makes it; `prepare` makes what it lacks.
 *
 * `timeoutMs`: how long another process may hold the lock of a transaction.
 */
export function openSynced(
  path: string,
  timeoutMs: number,
  prepare: (database: DatabaseSync) => void,
): SyncedDatabase {
  keepPrivate(path)
  const database = new DatabaseSync(path, { timeout: timeoutMs })
  try {
    // A rollback journal syncs three files' worth and took five to ten times as long when measured.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    // What is deleted is overwritten, not only unlinked from the index.
    database.exec('PRAGMA secure_delete = ON')
    prepare(database)
    // The write-ahead log is there from now on and stays the same file until the database closes.
    // What SQLite copies out of it, it still syncs by itself, in the right order.
    database.exec('PRAGMA synchronous = NORMAL')
    const wal = openSync(`${path}-wal`, 'r+')
    // A killed process may have left commits in the cache only: what we serve must last.
    fdatasyncSync(wal)
    const close = () => {
      database.close()
      closeSync(wal)
    }
    return { database, sync: () => datasync(wal), close }
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * SQLite lets everybody read its files, and what it makes beside one takes after it. An existing one
 * is not opened: closing it again would free the locks that this process holds on it.
 */
function keepPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch {
    try {
      chmodSync(path, 0o600)
    } catch {
      // SQLite finds the same, and says it better.
    }
  }
}

export function makeTable(database: DatabaseSync): void {
  database.exec('CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL)')
}

/** The table that {@link makeTable} made, also in a database that is only read. */
export function openTable(database: DatabaseSync): SqliteTable {
  const get = database.prepare('SELECT value FROM entries WHERE key = ?')
  const page = database.prepare(
    'SELECT key, value FROM entries WHERE key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?',
  )
  const put = database.prepare(
    'INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const remove = database.prepare('DELETE FROM entries WHERE key = ?')
  return {
    get: (key) => {
      const row = get.get(toBlob(key))
      return row && (row.value as Uint8Array)
    },
    list: ({ prefix, after, limit }) => {
      // The key just above `after` is `after` with a zero unit behind it.
      const from = after === undefined || after < prefix ? prefix : `${after}\0`
      const end = prefixEnd(prefix)
      const endBlob = end === undefined ? null : toBlob(end)
      const rows = page.all(toBlob(from), endBlob, endBlob, limit ?? -1)
      return rows.map((row) => [fromBlob(row.key as Uint8Array), row.value as Uint8Array] as const)
    },
    apply: (operations) => {
      for (const op of operations) {
        if (op.type === 'put') put.run(toBlob(op.key), op.value)
        else remove.run(toBlob(op.key))
      }
    },
  }
}

/** Everything that `run` does, or nothing of it. */
export function inTransaction<T>(database: DatabaseSync, run: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite may have rolled back by itself, as it does when the disk is full.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function toBlob(key: string): Uint8Array {
  return Buffer.from(key, 'utf16le').swap16()
}

function fromBlob(blob: Uint8Array): string {
  return Buffer.from(blob).swap16().toString('utf16le')
}
