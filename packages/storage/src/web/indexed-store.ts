/**
 * An ordered map on IndexedDB, with strict durability.
 *
 * @module
 */
import { FederationError, type KeyValueStore, type StoreOperation } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { createGroupCommit } from '../group-commit.ts'
import type { TabDatabase } from './database-schema.ts'
import { listRange } from './list-range.ts'
import { toStorageError } from './to-storage-error.ts'

/** One transaction takes what waits up to here. */
const TRANSACTION_BYTES = 4 * 1024 * 1024

/** The map in `database`; closing it leaves the database open. */
export function indexedStore(database: TabDatabase): KeyValueStore {
  let closed = false
  const openOnly = () => {
    if (closed) throw new FederationError<StorageCode>('storage/closed', 'the store is closed')
  }
  const commits = createGroupCommit<readonly StoreOperation[], void>(
    TRANSACTION_BYTES,
    async (groups) => {
      await commit(database, groups.flat()).catch((error: unknown) => {
        throw toStorageError(error, 'write the store')
      })
      return groups.map(() => undefined)
    },
  )
  return {
    get: async (key) => {
      openOnly()
      return database.get('entries', key).catch(failRead)
    },
    write: async (operations) => {
      openOnly()
      if (operations.length === 0) return
      // A copy, because IndexedDB would store the whole buffer behind a view.
      const own = operations.map((op) =>
        op.type === 'put' ? { ...op, value: op.value.slice() } : op,
      )
      const weight = own.reduce((sum, op) => sum + (op.type === 'put' ? op.value.length : 0), 0)
      await commits.add(own, weight)
    },
    list: async (range) => {
      openOnly()
      return listRange(database.transaction('entries').store, range).catch(failRead)
    },
    close: async () => {
      closed = true
      await commits.settled()
    },
  }
}

async function commit(database: TabDatabase, operations: readonly StoreOperation[]) {
  const transaction = database.transaction('entries', 'readwrite', { durability: 'strict' })
  const { store } = transaction
  const requests = operations.map((op) =>
    op.type === 'put' ? store.put(op.value, op.key) : store.delete(op.key),
  )
  await Promise.all([...requests, transaction.done])
}

function failRead(error: unknown): never {
  throw toStorageError(error, 'read the store')
}
