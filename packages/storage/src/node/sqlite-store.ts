/**
 * An ordered map on SQLite, synced on every commit.
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
import {
  inTransaction,
  makeTable,
  openSynced,
  openTable,
  type SyncedDatabase,
} from './sqlite-table.ts'
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
  const { database, sync, close } = readonly ? openToRead(path) : openToWrite(path)
  const table = openTable(database)
  let closed = false
  let failure: FederationError | undefined
  const openOnly = () => {
    if (closed) throw new FederationError<StorageCode>('storage/closed', 'the store is closed')
  }

  const commits = createGroupCommit<readonly StoreOperation[], void>(
    TRANSACTION_BYTES,
    async (groups) => {
      if (failure) throw failure
      try {
        inTransaction(database, () => table.apply(groups.flat()))
      } catch (error) {
        throw toStorageError(error, `write ${path}`)
      }
      try {
        await sync()
      } catch (error) {
        // After a failed sync nobody knows which pages reached the disk; only a reopening can tell.
        failure = toStorageError(error, `sync ${path}`)
        throw failure
      }
      return groups.map(() => undefined)
    },
    () => new Promise((resolve) => setImmediate(resolve)),
  )

  return {
    get: async (key) => {
      openOnly()
      return attempt(`read ${path}`, () => table.get(key))
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
    list: async (range) => {
      openOnly()
      return attempt(`read ${path}`, () => table.list(range))
    },
    close: async () => {
      if (closed) return
      closed = true
      await commits.settled()
      close()
    },
  }
}

function openToWrite(path: string): SyncedDatabase {
  return attempt(`open ${path}`, () => openSynced(path, 0, makeTable))
}

/**
 * A reader of a WAL database needs its side files, which a read-only medium cannot give; then a
 * copy in the temporary folder is read.
 */
function openToRead(path: string): SyncedDatabase {
  if (!existsSync(path)) {
    const database = new DatabaseSync(':memory:')
    makeTable(database)
    return readOnly(database)
  }
  try {
    return readOnly(openProbed(path))
  } catch {
    return attempt(`read ${path}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'folkmoot-'))
      const release = () => rmSync(folder, { recursive: true, force: true })
      try {
        const copy = join(folder, 'store.sqlite')
        for (const suffix of ['', '-wal']) {
          if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix)
        }
        return readOnly(openProbed(copy), release)
      } catch (error) {
        release()
        throw error
      }
    })
  }
}

function readOnly(database: DatabaseSync, release = () => {}): SyncedDatabase {
  const close = () => {
    database.close()
    release()
  }
  return { database, sync: async () => {}, close }
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

function attempt<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw toStorageError(error, what, 'storage/unreadable')
  }
}
