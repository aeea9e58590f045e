/**
 * An ordered map on SQLite, synced on every commit.
 *
 * Keys are stored as UTF-16 big endian, because SQLite compares blobs byte by byte and the
 * interface promises the order of code units, which UTF-8 does not keep.
 *
 * @module
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FederationError, type KeyValueStore, type StoreOperation } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { createGroupCommit } from '../group-commit.ts'
import { prefixEnd } from '../key-range.ts'
import { toStorageError } from './to-storage-error.ts'

/** One transaction takes what waits up to here. */
const TRANSACTION_BYTES = 8 * 1024 * 1024

export interface SqliteStoreInit {
  /** Never writes, also not SQLite's own side files. Default false. */
  readonly readonly?: boolean
}

/**
 * Opens the map in the file `path`, or makes it.
 *
 * @throws FederationError `storage/read-only`, `storage/full`, `storage/corrupt`, `storage/unreadable`
 */
export function openSqliteStore(path: string, init: SqliteStoreInit = {}): KeyValueStore {
  const readonly = init.readonly ?? false
  const { database, release } = readonly ? openToRead(path) : openToWrite(path)
  const get = database.prepare('SELECT value FROM entries WHERE key = ?')
  const page = database.prepare(
    'SELECT key, value FROM entries WHERE key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?',
  )
  let closed = false
  const openOnly = () => {
    if (closed) throw new FederationError<StorageCode>('storage/closed', 'the store is closed')
  }

  const commits = createGroupCommit<readonly StoreOperation[], void>(
    TRANSACTION_BYTES,
    async (groups) => {
      try {
        commit(database, groups.flat())
      } catch (error) {
        throw toStorageError(error, `write ${path}`)
      }
      return groups.map(() => undefined)
    },
    () => new Promise((resolve) => setImmediate(resolve)),
  )

  return {
    get: async (key) => {
      openOnly()
      const row = attempt(`read ${path}`, () => get.get(toBlob(key)))
      return row && (row.value as Uint8Array)
    },
    write: async (operations) => {
      openOnly()
      if (readonly) {
        throw new FederationError<StorageCode>('storage/read-only', 'the store is read-only')
      }
      if (operations.length === 0) return
      const own = operations.map((op) =>
        op.type === 'put' ? { ...op, value: op.value.slice() } : op,
      )
      const weight = own.reduce((sum, op) => sum + (op.type === 'put' ? op.value.length : 0), 0)
      await commits.add(own, weight)
    },
    list: async ({ prefix, after, limit }) => {
      openOnly()
      // The key just above `after` is `after` with a zero unit behind it.
      const from = after === undefined || after < prefix ? prefix : `${after}\0`
      const end = prefixEnd(prefix)
      const endBlob = end === undefined ? null : toBlob(end)
      const rows = attempt(`read ${path}`, () =>
        page.all(toBlob(from), endBlob, endBlob, limit ?? -1),
      )
      return rows.map((row) => [fromBlob(row.key as Uint8Array), row.value as Uint8Array] as const)
    },
    close: async () => {
      if (closed) return
      closed = true
      await commits.settled()
      database.close()
      release()
    },
  }
}

function openToWrite(path: string) {
  return attempt(`open ${path}`, () => {
    const database = new DatabaseSync(path, { timeout: 0 })
    try {
      // FULL syncs the write-ahead log at each commit: what was acknowledged survives a power cut.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      // What is deleted for retention is overwritten, not only unlinked from the index.
      database.exec('PRAGMA secure_delete = ON')
      database.exec(
        'CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL)',
      )
    } catch (error) {
      database.close()
      throw error
    }
    return { database, release: () => {} }
  })
}

/**
 * A reader of a WAL database needs its side files, which a read-only medium cannot give; then a
 * copy in the temporary folder is read.
 */
function openToRead(path: string) {
  if (!existsSync(path)) {
    const database = new DatabaseSync(':memory:')
    database.exec('CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL)')
    return { database, release: () => {} }
  }
  try {
    return { database: openProbed(path), release: () => {} }
  } catch {
    return attempt(`read ${path}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'folkmoot-'))
      const release = () => rmSync(folder, { recursive: true, force: true })
      try {
        const copy = join(folder, 'store.sqlite')
        for (const suffix of ['', '-wal']) {
          if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix)
        }
        return { database: openProbed(copy), release }
      } catch (error) {
        release()
        throw error
      }
    })
  }
}

function openProbed(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 1_000 })
  try {
    database.prepare('SELECT 1 FROM entries LIMIT 1').get()
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function commit(database: DatabaseSync, operations: readonly StoreOperation[]): void {
  const put = database.prepare(
    'INSERT INTO entries (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const remove = database.prepare('DELETE FROM entries WHERE key = ?')
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const op of operations) {
      if (op.type === 'put') put.run(toBlob(op.key), op.value)
      else remove.run(toBlob(op.key))
    }
    database.exec('COMMIT')
  } catch (error) {
    // SQLite may have rolled back by itself, as it does when the disk is full.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw toStorageError(error, what, 'storage/unreadable')
  }
}

function toBlob(key: string): Uint8Array {
  return Buffer.from(key, 'utf16le').swap16()
}

function fromBlob(blob: Uint8Array): string {
  return Buffer.from(blob).swap16().toString('utf16le')
}
