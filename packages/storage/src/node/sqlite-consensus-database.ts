/**
 * A voter's log and vote keys in one SQLite file, so that one cannot be lost or restored without
 * the other.
 *
 * A writer takes a number when it opens the file, and each of its transactions looks whether that
 * number is still the last: a process that was stopped for long, or a copy that runs beside the
 * original, ends here however it came past the folder's lock.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import {
  type ConsensusDatabase,
  FederationError,
  type KeyDeletion,
  type RawSigner,
  type StoreOperation,
} from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { createGroupCommit } from '../group-commit.ts'
import { signerFromSeed } from './ed25519.ts'
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
const SEED_BYTES = 32
/** Another process holds the lock of a transaction for a few milliseconds at most. */
const LOCK_MS = 1_000

/**
 * Opens the database in the file `path` for writing, or makes it; whoever wrote before is replaced.
 *
 * @throws FederationError `storage/read-only`, `storage/full`, `storage/corrupt`, `storage/unreadable`
 */
export function openSqliteConsensusDatabase(path: string): ConsensusDatabase {
  const { database, sync, close, writer, isEmptied } = open(path)
  const table = openTable(database)
  const lastWriter = database.prepare('SELECT number FROM writer')
  const seedOf = database.prepare('SELECT seed FROM keys WHERE name = ?')
  const keepSeed = database.prepare('INSERT OR IGNORE INTO keys (name, seed) VALUES (?, ?)')
  const dropSeed = database.prepare('DELETE FROM keys WHERE name = ?')
  /** Signers that were handed out and whose keys are still there. */
  const signers = new Map<string, Promise<RawSigner>>()
  let closed = false
  let broken: FederationError | undefined
  /** Whether the write-ahead log may hold the seed of a key that was deleted. */
  let holdsDeleted = !isEmptied
  const openOnly = () => {
    if (closed) throw failure('storage/closed', 'the database is closed')
  }

  const commits = createGroupCommit<() => void, void>(TRANSACTION_BYTES, async (changes) => {
    if (broken) throw broken
    attempt(`write ${path}`, () =>
      inTransaction(database, () => {
        if (lastWriter.get()?.number !== writer) {
          throw failure('storage/writer-replaced', 'another writer opened the database')
        }
        for (const change of changes) change()
      }),
    )
    try {
      await sync()
    } catch (error) {
      // After a failed sync nobody knows which pages reached the disk; only a reopening can tell.
      broken = toStorageError(error, `sync ${path}`)
      throw broken
    }
    return changes.map(() => undefined)
  })

  const lend = (name: string, seed: Uint8Array): Promise<RawSigner> => {
    const known = signers.get(name)
    if (known) return known
    const lent = signerFromSeed(seed).then((key) => ({
      publicKey: key.publicKey,
      signRaw: async (message: Uint8Array) => {
        if (signers.get(name) === lent) return key.signRaw(message)
        throw failure('storage/key-deleted', `the key ${name} was deleted`)
      },
    }))
    signers.set(name, lent)
    return lent
  }

  const forgetDeleted = () => {
    if (holdsDeleted) holdsDeleted = !attempt(`write ${path}`, () => emptyLog(database))
  }

  const apply = (operations: readonly (StoreOperation | KeyDeletion)[]) => {
    for (const op of operations) {
      if (op.type === 'delete-key') dropSeed.run(op.name)
      else table.apply([op])
    }
  }

  return {
    get: async (key) => {
      openOnly()
      return attempt(`read ${path}`, () => table.get(key))
    },
    list: async (range) => {
      openOnly()
      return attempt(`read ${path}`, () => table.list(range))
    },
    write: async (operations) => {
      openOnly()
      if (operations.length === 0) return
      const own = operations.map((op) =>
        op.type === 'put' ? { ...op, value: op.value.slice() } : op,
      )
      const weight = own.reduce((sum, op) => sum + (op.type === 'put' ? op.value.length : 0), 0)
      await commits.add(() => apply(own), weight)
      for (const op of own) {
        if (op.type !== 'delete-key') continue
        signers.delete(op.name)
        holdsDeleted = true
      }
      forgetDeleted()
    },
    createKey: async (name) => {
      openOnly()
      await commits.add(() => keepSeed.run(name, randomBytes(SEED_BYTES)), SEED_BYTES)
      const row = attempt(`read ${path}`, () => seedOf.get(name))
      if (!row) throw failure('storage/key-deleted', `the key ${name} was deleted`)
      return lend(name, row.seed as Uint8Array)
    },
    key: async (name) => {
      openOnly()
      const row = attempt(`read ${path}`, () => seedOf.get(name))
      return row && lend(name, row.seed as Uint8Array)
    },
    close: async () => {
      if (closed) return
      closed = true
      await commits.settled()
      try {
        forgetDeleted()
      } finally {
        close()
      }
    },
  }
}

function open(path: string): SyncedDatabase & { writer: number; isEmptied: boolean } {
  return attempt(`open ${path}`, () => {
    let writer = 0
    let isEmptied = false
    const opened = openSynced(path, LOCK_MS, (database) => {
      makeTable(database)
      database.exec(`
        CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, seed BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS writer (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL)
      `)
      const take = database.prepare(
        'INSERT INTO writer VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = number + 1 RETURNING number',
      )
      writer = inTransaction(database, () => take.get()!.number as number)
      // Who wrote before may have ended between a deletion and this.
      isEmptied = emptyLog(database)
    })
    return { ...opened, writer, isEmptied }
  })
}

/**
 * Copies all of the write-ahead log into the database, where what was deleted is overwritten, and
 * cuts it to nothing. False where somebody reads an older state: it is tried again after the next
 * write, and nobody is waited for, as that would hold up the thread that votes.
 */
function emptyLog(database: SyncedDatabase['database']): boolean {
  database.exec('PRAGMA busy_timeout = 0')
  try {
    return database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0
  } finally {
    database.exec(`PRAGMA busy_timeout = ${LOCK_MS}`)
  }
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw toStorageError(error, what, 'storage/unreadable')
  }
}

function failure(code: StorageCode, message: string) {
  return new FederationError<StorageCode>(code, message)
}
