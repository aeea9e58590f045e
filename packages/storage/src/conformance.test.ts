import 'fake-indexeddb/auto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AppendLog,
  type KeyValueStore,
  memoryConsensusDatabase,
  memoryLog,
  memoryMedium,
  memoryStore,
} from '@folkmoot/base'
import { afterAll, describe, it } from 'vitest'
import { appendLogCases, keyValueCases } from './conformance.ts'
import { consensusDatabaseCases, type OpenConsensusDatabase } from './consensus-database-cases.ts'
import { nodeRandomness, signerFromSeed } from './node/ed25519.ts'
import { openFileLog } from './node/file-log.ts'
import { openSqliteConsensusDatabase } from './node/sqlite-consensus-database.ts'
import { openSqliteStore } from './node/sqlite-store.ts'
import { openIndexedConsensusDatabase } from './web/indexed-consensus-database.ts'
import { openDatabase } from './web/open-database.ts'

const folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
let count = 0
const fresh = () => join(folder, `state-${count++}`)

const stores: Record<string, () => Promise<KeyValueStore>> = {
  memory: async () => memoryStore(),
  SQLite: async () => openSqliteStore(fresh()),
  IndexedDB: async () => (await openDatabase(fresh())).store,
}

const logs: Record<string, () => Promise<AppendLog>> = {
  memory: async () => memoryLog(),
  file: () => openFileLog(fresh()),
  IndexedDB: async () => (await openDatabase(fresh())).log('audit'),
}

describe.each(Object.entries(stores))('a key-value store in %s', (_, open) => {
  it.each(keyValueCases)('$name', async ({ run }) => {
    const store = await open()
    await run(store)
    await store.close()
  })
})

describe.each(Object.entries(logs))('an append log in %s', (_, open) => {
  it.each(appendLogCases)('$name', async ({ run }) => {
    const log = await open()
    await run(log)
    await log.close()
  })
})

const consensusDatabases: Record<string, () => OpenConsensusDatabase> = {
  memory: () => {
    const medium = memoryMedium()
    const makeKey = () => signerFromSeed(nodeRandomness().bytes(32))
    return async () => memoryConsensusDatabase(makeKey, medium)
  },
  SQLite: () => {
    const path = fresh()
    return async () => openSqliteConsensusDatabase(path)
  },
  IndexedDB: () => {
    const name = fresh()
    return () => openIndexedConsensusDatabase(name)
  },
}

describe.each(Object.entries(consensusDatabases))('a consensus database in %s', (_, make) => {
  it.each(keyValueCases)('$name', async ({ run }) => {
    const database = await make()()
    await run(database)
    await database.close()
  })
  it.each(consensusDatabaseCases)('$name', ({ run }) => run(make()))
})
