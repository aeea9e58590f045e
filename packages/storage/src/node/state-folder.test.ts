import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentIdOf } from '@folkmoot/codec'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { settleSchema } from './schema-version.ts'
import { openStateFolder } from './state-folder.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  path = join(folder, 'deep', 'state')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const bytes = (...values: number[]) => Uint8Array.from(values)

it('keeps store, logs and blocks over a restart, for its owner only', async () => {
  const block = bytes(1, 2, 3)
  const first = await openStateFolder(path)
  await first.store.write([{ type: 'put', key: 'a', value: bytes(1) }])
  await (await first.log('audit')).append([bytes(2)])
  await first.blocks.put(contentIdOf(block), block)
  await first.close()
  for (const file of await readdir(path)) {
    if (file.startsWith('store.sqlite')) await chmod(join(path, file), 0o644)
  }
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  expect((await stat(join(path, 'logs', 'audit'))).mode & 0o777).toBe(0o600)

  // As older versions left it.
  const second = await openStateFolder(path)
  const stores = (await readdir(path)).filter((file) => file.startsWith('store.sqlite'))
  expect(stores.length).toBeGreaterThan(1)
  for (const file of stores) expect((await stat(join(path, file))).mode & 0o777).toBe(0o600)
  expect(await second.store.get('a')).toEqual(bytes(1))
  expect(await (await second.log('audit')).read(0, 9)).toEqual([bytes(2)])
  expect(await second.blocks.get(contentIdOf(block))).toEqual(block)
  await second.close()
})

it('refuses a second opening until the first is closed', async () => {
  const first = await openStateFolder(path)
  await expect(openStateFolder(path)).rejects.toMatchObject({ code: 'storage/locked' })
  await first.close()
  await first.close()
  await (await openStateFolder(path)).close()
})

it('gives the same log for the same name, a new one after closing, and no odd names', async () => {
  const state = await openStateFolder(path)
  const log = await state.log('a')
  expect(await state.log('a')).toBe(log)
  await log.append([bytes(1)])
  await log.close()
  expect((await state.log('a')).length).toBe(1)
  for (const name of ['', '../a', 'A', 'a/b', 'x'.repeat(65)]) {
    await expect(state.log(name)).rejects.toMatchObject({ code: 'storage/name' })
  }
  await state.close()
  await expect(state.log('a')).rejects.toMatchObject({ code: 'storage/closed' })
  await expect(state.store.get('a')).rejects.toMatchObject({ code: 'storage/closed' })
})

it('refuses a newer state and one whose version cannot be read, and frees the lock', async () => {
  await (await openStateFolder(path)).close()
  await writeFile(join(path, 'schema'), '2\n')
  await expect(openStateFolder(path)).rejects.toMatchObject({ code: 'storage/newer-schema' })
  await writeFile(join(path, 'schema'), 'one')
  await expect(openStateFolder(path)).rejects.toMatchObject({ code: 'storage/unreadable' })
  await writeFile(join(path, 'schema'), '1\n')
  await (await openStateFolder(path)).close()
})

it('migrates step by step, resuming where a crash stopped it', async () => {
  const file = join(folder, 'schema')
  await writeFile(file, '1\n')
  const ran: number[] = []
  const migrations = [2, 3].map((to) => ({
    to,
    run: async () => {
      ran.push(to)
      if (to === 3 && ran.length < 3) throw new Error('crashed')
    },
  }))
  await expect(settleSchema(folder, file, { current: 3, migrations })).rejects.toThrow('crashed')
  expect(await readFile(file, 'utf8')).toBe('2\n')
  await settleSchema(folder, file, { current: 3, migrations })
  expect(ran).toEqual([2, 3, 3])
  expect(await readFile(file, 'utf8')).toBe('3\n')
})

it('reads beside a writer and writes nothing', async () => {
  await expect(openStateFolder(path, { readonly: true })).rejects.toMatchObject({
    code: 'storage/unreadable',
  })
  const writer = await openStateFolder(path)
  await writer.store.write([{ type: 'put', key: 'a', value: bytes(1) }])
  const reader = await openStateFolder(path, { readonly: true })
  expect(await reader.store.get('a')).toEqual(bytes(1))
  const log = await reader.log('never-written')
  expect(log.length).toBe(0)
  await expect(log.append([bytes(1)])).rejects.toMatchObject({ code: 'storage/read-only' })
  await expect(reader.store.write([{ type: 'delete', key: 'a' }])).rejects.toMatchObject({
    code: 'storage/read-only',
  })
  await expect(reader.blocks.put(contentIdOf(bytes(1)), bytes(1))).rejects.toMatchObject({
    code: 'storage/read-only',
  })
  await reader.close()
  await writer.close()
  expect(await readdir(join(path, 'logs'))).toEqual([])
})

it('refuses a path that is a file, and a store that is no database', async () => {
  await writeFile(join(folder, 'file'), 'x')
  await expect(openStateFolder(join(folder, 'file'))).rejects.toMatchObject({
    code: 'storage/unreadable',
  })
  await (await openStateFolder(path)).close()
  await writeFile(
    join(path, 'store.sqlite'),
    'not a database, but long enough to be looked at'.repeat(9),
  )
  await expect(openStateFolder(path)).rejects.toMatchObject({ code: 'storage/corrupt' })
})
