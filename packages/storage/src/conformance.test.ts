import 'fake-indexeddb/auto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppendLog, type KeyValueStore, memoryLog, memoryStore } from '@folkmoot/base'
import { afterAll, describe, it } from 'vitest'
import { appendLogCases, keyValueCases } from './conformance.ts'
import { openFileLog } from './node/file-log.ts'
import { openSqliteStore } from './node/sqlite-store.ts'
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
