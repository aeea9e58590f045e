/**
 * Everything that a peer keeps in a browser, in one IndexedDB database; a voter's votes are in a
 * second one.
 *
 * One live tab uses it at a time; which one is decided by a Web Lock elsewhere. A second writer of
 * a log is noticed (`storage/locked`) and changes nothing.
 *
 * @module
 */
import {
  type AppendLog,
  type BlockStore,
  type ConsensusDatabase,
  FederationError,
  type KeyValueStore,
  type RawSigner,
} from '@folkmoot/base'
import { deleteDB, openDB } from 'idb'
import type { StorageCode } from '../codes.ts'
import { isLogName } from '../key-range.ts'
import { SCHEMA_VERSION, type TabSchema, upgrade } from './database-schema.ts'
import { openDeviceKey } from './device-key.ts'
import { type IndexedBlocksInit, openIndexedBlocks } from './indexed-blocks.ts'
import {
  deleteConsensusDatabase,
  openIndexedConsensusDatabase,
} from './indexed-consensus-database.ts'
import { openIndexedLog } from './indexed-log.ts'
import { indexedStore } from './indexed-store.ts'
import { toStorageError } from './to-storage-error.ts'

export interface DatabaseInit {
  readonly blocks?: IndexedBlocksInit
  /** Called when the browser or another tab closed the database under us. */
  readonly onLost?: () => void
}

export interface TabState {
  readonly store: KeyValueStore
  readonly blocks: BlockStore
  readonly keys: {
    /** The non-extractable key of this browser, made at the first call. */
    signer(): Promise<RawSigner>
  }
  /** The log called `name` (1 to 64 of `a-z0-9-`); the same object for the same name. */
  log(name: string): Promise<AppendLog>
  /** Votes and vote keys, in a database of their own; made at the first call, for voters alone. */
  consensus(): Promise<ConsensusDatabase>
  close(): Promise<void>
  /** Deletes keys, logs, blocks, entries and votes, for ever. */
  destroy(): Promise<void>
}

/**
 * Opens the database `name`, or makes it.
 *
 * @throws FederationError `storage/unsupported`, `storage/newer-schema`, `storage/full`
 */
export async function openDatabase(name: string, init: DatabaseInit = {}): Promise<TabState> {
  if (typeof indexedDB === 'undefined') {
    throw stateError('storage/unsupported', 'this browser has no IndexedDB')
  }
  try {
    const database = await openDB<TabSchema>(name, SCHEMA_VERSION, {
      upgrade,
      // Somebody deletes or migrates the database: standing in the way would block them for ever.
      blocking: () => {
        database.close()
        init.onLost?.()
      },
      terminated: () => init.onLost?.(),
    })
    const blocks = await openIndexedBlocks(database, init.blocks)
    const store = indexedStore(database)
    const logs = new Map<string, Promise<AppendLog>>()
    let consensus: Promise<ConsensusDatabase> | undefined
    let closing: Promise<void> | undefined
    const close = () => {
      closing ??= (async () => {
        await (await consensus?.catch(() => undefined))?.close()
        for (const log of await Promise.allSettled([...logs.values()])) {
          if (log.status === 'fulfilled') await log.value.close()
        }
        await store.close()
        database.close()
      })()
      return closing
    }
    return {
      store,
      blocks,
      keys: { signer: () => openDeviceKey(database) },
      log: async (logName) => {
        if (closing) throw stateError('storage/closed', 'the database is closed')
        if (!isLogName(logName)) {
          throw stateError('storage/name', `"${logName}" is no name for a log`)
        }
        const known = logs.get(logName)
        if (known) return known
        const opening = openIndexedLog(database, logName).then((log) => reopenable(log, logName))
        logs.set(logName, opening)
        opening.catch(() => logs.delete(logName))
        return opening
      },
      consensus: async () => {
        if (closing) throw stateError('storage/closed', 'the database is closed')
        if (!consensus) {
          consensus = openIndexedConsensusDatabase(name, init)
          consensus.catch(() => {
            consensus = undefined
          })
        }
        return consensus
      },
      close,
      destroy: async () => {
        await close()
        await deleteConsensusDatabase(name)
        await deleteDB(name)
      },
    }

    function reopenable(log: AppendLog, logName: string): AppendLog {
      return {
        get length() {
          return log.length
        },
        recovery: log.recovery,
        append: log.append,
        read: log.read,
        close: async () => {
          logs.delete(logName)
          await log.close()
        },
      }
    }
  } catch (error) {
    throw toStorageError(error, `open the database ${name}`, 'storage/unreadable')
  }
}

function stateError(code: StorageCode, message: string) {
  return new FederationError<StorageCode>(code, message)
}
