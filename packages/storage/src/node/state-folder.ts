/**
 * Everything that a peer keeps on disk, in one folder that one process uses at a time.
 *
 * ```
 * <path>/lock.sqlite   held open while in use      <path>/schema        version of this layout
 * <path>/store.sqlite  the key-value store         <path>/logs/<name>   append logs
 * <path>/blocks/       content-addressed blocks <path>/consensus.sqlite  a voter's votes and vote keys
 * ```
 *
 * @module
 */
import { access, constants, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type AppendLog,
  type BlockStore,
  type ConsensusDatabase,
  FederationError,
  type KeyValueStore,
  memoryLog,
} from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { isLogName } from '../key-range.ts'
import { type FileBlocksInit, openFileBlocks } from './file-blocks.ts'
import { openFileLog } from './file-log.ts'
import { lockFolder } from './folder-lock.ts'
import { settleSchema } from './schema-version.ts'
import { openSqliteConsensusDatabase } from './sqlite-consensus-database.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { toStorageError } from './to-storage-error.ts'

/** A voter's own: no copy of the state holds it. */
export const CONSENSUS_FILE = 'consensus.sqlite'

export interface StateFolderInit {
  /** Reads beside a running process or on a read-only medium; takes no lock. Default false. */
  readonly readonly?: boolean
  /** Quota and its consequence for {@link StateFolder.blocks}. */
  readonly blocks?: Omit<FileBlocksInit, 'readonly'>
}

export interface StateFolder {
  readonly path: string
  readonly store: KeyValueStore
  readonly blocks: BlockStore
  /** The log called `name` (1 to 64 of `a-z0-9-`); the same object for the same name. */
  log(name: string): Promise<AppendLog>
  /** Votes and vote keys; the file is made at the first call, for voters alone. Never read-only. */
  consensus(): ConsensusDatabase
  /** Closes logs and store, then frees the folder. */
  close(): Promise<void>
}

/**
 * Opens the state in the folder `path`, or makes it (mode 0700).
 *
 * @throws FederationError `storage/locked`, `storage/unreadable`, `storage/newer-schema`,
 * `storage/read-only`, `storage/full`, `storage/corrupt`
 */
export async function openStateFolder(
  path: string,
  init: StateFolderInit = {},
): Promise<StateFolder> {
  const readonly = init.readonly ?? false
  await prepareFolder(path, readonly)
  const unlock = readonly ? () => {} : lockFolder(join(path, 'lock.sqlite'))
  let store: KeyValueStore | undefined
  try {
    await settleSchema(path, join(path, 'schema'), { readonly })
    if (!readonly) await mkdir(join(path, 'logs'), { recursive: true, mode: 0o700 })
    store = openSqliteStore(join(path, 'store.sqlite'), { readonly })
    const blocks = await openFileBlocks(join(path, 'blocks'), { ...init.blocks, readonly })
    return stateFolder(path, readonly, store, blocks, unlock)
  } catch (error) {
    await store?.close()
    unlock()
    throw toStorageError(error, `open the state folder ${path}`, 'storage/unreadable')
  }
}

function stateFolder(
  path: string,
  readonly: boolean,
  store: KeyValueStore,
  blocks: BlockStore,
  unlock: () => void,
): StateFolder {
  const logs = new Map<string, Promise<AppendLog>>()
  let consensus: ConsensusDatabase | undefined
  let closing: Promise<void> | undefined

  const openLog = async (name: string): Promise<AppendLog> => {
    const file = join(path, 'logs', name)
    // A reader of a log that was never written finds it empty, as a writer would.
    if (readonly && !(await exists(file))) return { ...memoryLog(), append: refuseAppend }
    const log = await openFileLog(file, { readonly })
    return {
      get length() {
        return log.length
      },
      recovery: log.recovery,
      append: log.append,
      read: log.read,
      close: async () => {
        logs.delete(name)
        await log.close()
      },
    }
  }

  return {
    path,
    store,
    blocks,
    log: async (name) => {
      if (closing) throw stateError('storage/closed', 'the state folder is closed', path)
      if (!isLogName(name)) throw stateError('storage/name', `"${name}" is no name for a log`, path)
      const known = logs.get(name)
      if (known) return known
      const opening = openLog(name)
      logs.set(name, opening)
      opening.catch(() => logs.delete(name))
      return opening
    },
    consensus: () => {
      if (closing) throw stateError('storage/closed', 'the state folder is closed', path)
      if (readonly) throw stateError('storage/read-only', 'the state was opened read-only', path)
      consensus ??= openSqliteConsensusDatabase(join(path, CONSENSUS_FILE))
      return consensus
    },
    close: () => {
      closing ??= (async () => {
        await consensus?.close()
        const open = await Promise.allSettled([...logs.values()])
        for (const log of open) if (log.status === 'fulfilled') await log.value.close()
        await store.close()
        unlock()
      })()
      return closing
    },
  }
}

async function prepareFolder(path: string, readonly: boolean): Promise<void> {
  try {
    if (!readonly) await mkdir(path, { recursive: true, mode: 0o700 })
    const isFolder = (await stat(path)).isDirectory()
    // SQLite would take a lock on a read-only medium without complaint.
    if (isFolder && !readonly) await access(path, constants.W_OK)
    if (isFolder) return
  } catch (error) {
    throw toStorageError(error, `open the state folder ${path}`, 'storage/unreadable')
  }
  throw stateError('storage/unreadable', `${path} is not a folder`, path)
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function refuseAppend(): Promise<number> {
  throw new FederationError<StorageCode>('storage/read-only', 'the log was opened read-only')
}

function stateError(code: StorageCode, message: string, path: string) {
  return new FederationError<StorageCode>(code, message, { details: { path } })
}
