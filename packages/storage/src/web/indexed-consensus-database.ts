/**
 * A voter's log and vote keys in a browser: one IndexedDB database of their own, so that one cannot
 * be lost without the other, with strict durability. The keys are WebCrypto's and no script can
 * read them.
 *
 * Which tab writes is decided by a Web Lock elsewhere. A writer takes a number when it opens the
 * database, and each of its transactions looks whether that number is still the last.
 *
 * @module
 */
import {
  type ConsensusDatabase,
  FederationError,
  type KeyDeletion,
  type RawSigner,
  type StoreOperation,
} from '@folkmoot/base'
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb'
import type { StorageCode } from '../codes.ts'
import { createGroupCommit } from '../group-commit.ts'
import type { StoredKey } from './database-schema.ts'
import { makeDeviceKey } from './device-key.ts'
import { listRange } from './list-range.ts'
import { toStorageError } from './to-storage-error.ts'

/** One transaction takes what waits up to here. */
const TRANSACTION_BYTES = 4 * 1024 * 1024
const SCHEMA_VERSION = 1
/** The only key of the store `writer`. */
const LAST = 'last'

interface ConsensusSchema extends DBSchema {
  entries: { key: string; value: Uint8Array }
  keys: { key: string; value: StoredKey }
  /** Number of the writer that opened the database last. */
  writer: { key: typeof LAST; value: number }
}

type Change =
  | StoreOperation
  | KeyDeletion
  | { readonly type: 'keep-key'; readonly name: string; readonly key: StoredKey }

/** The name of the consensus database that belongs to a tab's state `name`. */
function consensusDatabaseName(name: string): string {
  return `${name}-consensus`
}

/** Deletes the votes and their keys that belong to a tab's state `name`, for ever. */
export function deleteConsensusDatabase(name: string): Promise<void> {
  return deleteDB(consensusDatabaseName(name))
}

/**
 * Opens the consensus database of a tab's state `name`, or makes it; whoever wrote before is
 * replaced.
 *
 * @throws FederationError `storage/unsupported`, `storage/newer-schema`, `storage/full`
 */
export async function openIndexedConsensusDatabase(
  name: string,
  init: { readonly onLost?: () => void } = {},
): Promise<ConsensusDatabase> {
  const { database, writer } = await open(consensusDatabaseName(name), init.onLost)
  /** Signers that were handed out and whose keys are still there. */
  const signers = new Map<string, RawSigner>()
  let closed = false
  const openOnly = () => {
    if (closed) throw failure('storage/closed', 'the database is closed')
  }

  const commits = createGroupCommit<readonly Change[], void>(TRANSACTION_BYTES, async (groups) => {
    try {
      await commit(database, writer, groups.flat())
    } catch (error) {
      throw toStorageError(error, 'write the consensus database')
    }
    return groups.map(() => undefined)
  })

  const lend = (name: string, { privateKey, publicKey }: StoredKey): RawSigner => {
    const known = signers.get(name)
    if (known) return known
    const lent: RawSigner = {
      publicKey,
      signRaw: async (message) => {
        if (signers.get(name) === lent) {
          return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message.slice()))
        }
        throw failure('storage/key-deleted', `the key ${name} was deleted`)
      },
    }
    signers.set(name, lent)
    return lent
  }
  const stored = (name: string) => database.get('keys', name).catch(failRead)

  return {
    get: async (key) => {
      openOnly()
      return database.get('entries', key).catch(failRead)
    },
    list: async (range) => {
      openOnly()
      return listRange(database.transaction('entries').store, range).catch(failRead)
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
      for (const op of own) if (op.type === 'delete-key') signers.delete(op.name)
    },
    createKey: async (name) => {
      openOnly()
      if ((await stored(name)) === undefined) {
        await commits.add([{ type: 'keep-key', name, key: await makeDeviceKey() }], 0)
      }
      const key = await stored(name)
      if (!key) throw failure('storage/key-deleted', `the key ${name} was deleted`)
      return lend(name, key)
    },
    key: async (name) => {
      openOnly()
      const key = await stored(name)
      return key && lend(name, key)
    },
    close: async () => {
      closed = true
      await commits.settled()
      database.close()
    },
  }
}

type Database = IDBPDatabase<ConsensusSchema>

async function open(name: string, onLost: (() => void) | undefined) {
  if (typeof indexedDB === 'undefined') {
    throw failure('storage/unsupported', 'this browser has no IndexedDB')
  }
  try {
    const database = await openDB<ConsensusSchema>(name, SCHEMA_VERSION, {
      upgrade: (made) => {
        for (const store of ['entries', 'keys', 'writer'] as const) made.createObjectStore(store)
      },
      // Somebody deletes or migrates the database: standing in the way would block them for ever.
      blocking: () => {
        database.close()
        onLost?.()
      },
      terminated: () => onLost?.(),
    })
    const transaction = database.transaction('writer', 'readwrite', { durability: 'strict' })
    const writer = ((await transaction.store.get(LAST)) ?? 0) + 1
    await transaction.store.put(writer, LAST)
    await transaction.done
    return { database, writer }
  } catch (error) {
    throw toStorageError(error, `open the database ${name}`, 'storage/unreadable')
  }
}

async function commit(database: Database, writer: number, changes: readonly Change[]) {
  const transaction = database.transaction(['entries', 'keys', 'writer'], 'readwrite', {
    durability: 'strict',
  })
  const entries = transaction.objectStore('entries')
  const keys = transaction.objectStore('keys')
  if ((await transaction.objectStore('writer').get(LAST)) !== writer) {
    transaction.abort()
    await transaction.done.catch(() => {})
    throw failure('storage/writer-replaced', 'another writer opened the database')
  }
  const requests = changes.map(async (change) => {
    if (change.type === 'put') await entries.put(change.value, change.key)
    else if (change.type === 'delete') await entries.delete(change.key)
    else if (change.type === 'delete-key') await keys.delete(change.name)
    // The key that was stored first is everybody's.
    else if ((await keys.get(change.name)) === undefined) await keys.put(change.key, change.name)
  })
  await Promise.all([...requests, transaction.done])
}

function failRead(error: unknown): never {
  throw toStorageError(error, 'read the consensus database')
}

function failure(code: StorageCode, message: string) {
  return new FederationError<StorageCode>(code, message)
}
