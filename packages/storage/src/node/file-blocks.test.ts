import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentIdOf } from '@folkmoot/codec'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openFileBlocks } from './file-blocks.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const block = (fill: number) => new Uint8Array(100).fill(fill)
const id = (fill: number) => contentIdOf(block(fill))
const pathOf = (fill: number) => join(folder, id(fill).slice(-2), id(fill))

it('drops what was used longest ago when the quota is used up', async () => {
  const blocks = await openFileBlocks(folder, { quotaBytes: 300 })
  for (const fill of [1, 2, 3]) await blocks.put(id(fill), block(fill))
  await blocks.get(id(1))
  await blocks.put(id(4), block(4))
  expect(await Promise.all([1, 2, 3, 4].map((fill) => blocks.has(id(fill))))).toEqual([
    true,
    false,
    true,
    true,
  ])
  expect(await blocks.get(id(2))).toBeUndefined()
})

it('remembers sizes and the order of use over a restart', async () => {
  const first = await openFileBlocks(folder)
  for (const fill of [1, 2, 3]) await first.put(id(fill), block(fill))
  for (const [i, fill] of [3, 1, 2].entries()) await utimes(pathOf(fill), 1000 + i, 1000 + i)
  const second = await openFileBlocks(folder, { quotaBytes: 300 })
  await second.put(id(4), block(4))
  expect(await second.has(id(3))).toBe(false)
  expect(await second.get(id(1))).toEqual(block(1))
})

it('throws instead where it is told to', async () => {
  const blocks = await openFileBlocks(folder, { quotaBytes: 150, whenFull: 'refuse' })
  await blocks.put(id(1), block(1))
  await blocks.put(id(1), block(1))
  await expect(blocks.put(id(2), block(2))).rejects.toMatchObject({ code: 'storage/full' })
  expect(await blocks.get(id(1))).toEqual(block(1))
})

it('takes a damaged file for a missing block, and can put it again', async () => {
  const blocks = await openFileBlocks(folder)
  await blocks.put(id(1), block(1))
  await writeFile(pathOf(1), block(2))
  expect(await blocks.get(id(1))).toBeUndefined()
  expect(await blocks.has(id(1))).toBe(false)
  await blocks.put(id(1), block(1))
  expect(await blocks.get(id(1))).toEqual(block(1))
})

it('refuses bytes under a foreign id, an id that is none, and a block above the quota', async () => {
  const blocks = await openFileBlocks(folder, { quotaBytes: 50 })
  for (const wrong of [id(2), '../../etc/passwd', '']) {
    await expect(blocks.put(wrong, block(1))).rejects.toMatchObject({
      code: 'storage/wrong-content',
    })
    expect(await blocks.get(wrong)).toBeUndefined()
  }
  await expect(blocks.put(id(1), block(1))).rejects.toMatchObject({ code: 'storage/too-large' })
})
