/**
 * An append log on IndexedDB: one strict transaction for everything that waits. Transactions are
 * whole or absent, so opening never drops anything.
 *
 * @module
 */
import { type AppendLog, FederationError } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { createGroupCommit } from '../group-commit.ts'
import type { TabDatabase } from './database-schema.ts'
import { toStorageError } from './to-storage-error.ts'

/** A commit takes what waits up to here. */
const TRANSACTION_BYTES = 4 * 1024 * 1024

/** Opens the log `name` in `database`; closing it leaves the database open. */
export async function openIndexedLog(database: TabDatabase, name: string): Promise<AppendLog> {
  let length = await findLength(database, name)
  let closed = false
  const openOnly = () => {
    if (closed) throw new FederationError<StorageCode>('storage/closed', 'the log is closed')
  }
  const commits = createGroupCommit<readonly Uint8Array[], number>(
    TRANSACTION_BYTES,
    async (groups) => {
      const records = groups.flat()
      try {
        const transaction = database.transaction('records', 'readwrite', { durability: 'strict' })
        // `add` fails where the index is taken: another tab writes this log.
        const requests = records.map((record, i) =>
          transaction.store.add(record, [name, length + i]),
        )
        await Promise.all([...requests, transaction.done])
      } catch (error) {
        throw toStorageError(error, `append to the log ${name}`)
      }
      let first = length
      length += records.length
      return groups.map((group) => {
        const index = first
        first += group.length
        return index
      })
    },
  )
  return {
    get length() {
      return length
    },
    recovery: { droppedBytes: 0 },
    append: async (records) => {
      openOnly()
      if (records.length === 0) return length
      const own = records.map((record) => record.slice())
      return commits.add(
        own,
        own.reduce((sum, record) => sum + record.length, 0),
      )
    },
    read: async (from, to) => {
      openOnly()
      const start = Math.max(0, from)
      const end = Math.min(to, length)
      if (start >= end) return []
      const range = IDBKeyRange.bound([name, start], [name, end], false, true)
      return database.getAll('records', range).catch((error: unknown) => {
        throw toStorageError(error, `read the log ${name}`)
      })
    },
    close: async () => {
      closed = true
      await commits.settled()
    },
  }
}

async function findLength(database: TabDatabase, name: string): Promise<number> {
  try {
    const range = IDBKeyRange.bound([name, 0], [name, Number.MAX_SAFE_INTEGER])
    const cursor = await database.transaction('records').store.openKeyCursor(range, 'prev')
    return cursor ? cursor.key[1] + 1 : 0
  } catch (error) {
    throw toStorageError(error, `open the log ${name}`)
  }
}
