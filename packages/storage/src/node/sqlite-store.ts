/**
 * An ordered map on SQLite, synced on every commit.
 *
 * SQLite syncs on the thread that commits, which is the one that does everything else. So it commits
 * to its write-ahead log without a sync, and the file system's own thread syncs that log: a write is
 * answered after both. Until then it can be read here, and a power cut may still take it back.
 *
 * @module
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { FederationError, type KeyValueStore, type StoreOperation } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { createGroupCommit } from '../group-commit.ts'
import { inTransaction, makeTable, openTable, syncAtEachCommit } from './sqlite-table.ts'
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
  const { database, release, sync } = readonly ? openToRead(path) : openToWrite(path)
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
      database.close()
      release()
    },
  }
}

interface Opened {
  readonly database: DatabaseSync
  readonly release: () => void
  /** Makes what was committed durable. */
  readonly sync: () => Promise<void>
}

const datasync = promisify(fdatasync)

function openToWrite(path: string): Opened {
  return attempt(`open ${path}`, () => {
    const database = new DatabaseSync(path, { timeout: 0 })
    try {
      syncAtEachCommit(database)
      makeTable(database)
      // The write-ahead log is there from now on and stays the same file until the database closes.
      // What SQLite copies out of it, it still syncs by itself, in the right order.
      database.exec('PRAGMA synchronous = NORMAL')
      const wal = openSync(`${path}-wal`, 'r+')
      // A killed process may have left commits in the cache only: what we serve must last.
      fdatasyncSync(wal)
      return { database, release: () => closeSync(wal), sync: () => datasync(wal) }
    } catch (error) {
      database.close()
      throw error
    }
  })
}

/**
 * A reader of a WAL database needs its side files, which a read-only medium cannot give; then a
 * copy in the temporary folder is read.
 */
function openToRead(path: string): Opened {
  if (!existsSync(path)) {
    const database = new DatabaseSync(':memory:')
    makeTable(database)
    return { database, release: () => {}, sync: async () => {} }
  }
  try {
    return { database: openProbed(path), release: () => {}, sync: async () => {} }
  } catch {
    return attempt(`read ${path}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'folkmoot-'))
      const release = () => rmSync(folder, { recursive: true, force: true })
      try {
        const copy = join(folder, 'store.sqlite')
        for (const suffix of ['', '-wal']) {
          if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix)
        }
        return { database: openProbed(copy), release, sync: async () => {} }
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

function attempt<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw toStorageError(error, what, 'storage/unreadable')
  }
}
