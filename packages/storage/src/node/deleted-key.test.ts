/** What is left on the disk of a vote key that was deleted, where somebody reads the database meanwhile. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSqliteConsensusDatabase } from './sqlite-consensus-database.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  path = join(folder, 'votes')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A database with a key whose seed is known, and somebody who reads it: a backup, or a shell. */
async function withReader() {
  const database = openSqliteConsensusDatabase(path)
  await database.createKey('vote/1')
  const reader = new DatabaseSync(path, { readOnly: true })
  const row = reader.prepare('SELECT seed FROM keys').get()
  const seed = Buffer.from(row!.seed as Uint8Array)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM entries').get()
  const holdsSeed = async () => {
    const files = await Promise.all(
      [path, `${path}-wal`].map((file) => readFile(file).catch(() => Buffer.alloc(0))),
    )
    return files.some((bytes) => bytes.includes(seed))
  }
  return { database, reader, holdsSeed }
}

const put = (key: string) => [{ type: 'put', key, value: Uint8Array.of(1) }] as const

it('nothing, after the first write that nobody is in the way of', async () => {
  const { database, reader, holdsSeed } = await withReader()
  await database.write([{ type: 'delete-key', name: 'vote/1' }])
  expect(await database.key('vote/1')).toBeUndefined()
  await database.write(put('a'))
  // The reader still has its right to what it began with.
  expect(await holdsSeed()).toBe(true)
  reader.exec('COMMIT')
  await database.write(put('b'))
  expect(await holdsSeed()).toBe(false)
  reader.close()
  await database.close()
})

it('nothing, where the reader goes before the database is closed', async () => {
  const { database, reader, holdsSeed } = await withReader()
  await database.write([{ type: 'delete-key', name: 'vote/1' }])
  reader.exec('COMMIT')
  // Still open: what closes last would empty the log by itself.
  await database.close()
  expect(await holdsSeed()).toBe(false)
  reader.close()
})

it('nothing, once it is opened again after it was closed under a reader', async () => {
  const { database, reader, holdsSeed } = await withReader()
  await database.write([{ type: 'delete-key', name: 'vote/1' }])
  await database.close()
  expect(await holdsSeed()).toBe(true)
  reader.exec('COMMIT')
  const again = openSqliteConsensusDatabase(path)
  expect(await holdsSeed()).toBe(false)
  reader.close()
  await again.close()
})
