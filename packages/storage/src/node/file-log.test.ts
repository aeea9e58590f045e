import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BATCH_OVERHEAD_BYTES, frameBatch, HEADER_BYTES } from '../framed-log.ts'
import { openFileLog } from './file-log.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  path = join(folder, 'log')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const bytes = (...values: number[]) => Uint8Array.from(values)

async function write(...batches: Uint8Array[][]): Promise<Uint8Array> {
  const log = await openFileLog(path)
  for (const batch of batches) await log.append(batch)
  await log.close()
  return new Uint8Array(await readFile(path))
}

it('is the same after closing and opening', async () => {
  await write([bytes(1), bytes()], [bytes(2, 2)])
  const log = await openFileLog(path)
  expect(log.length).toBe(3)
  expect(await log.read(0, 3)).toEqual([bytes(1), bytes(), bytes(2, 2)])
  expect(log.recovery.droppedBytes).toBe(0)
  await log.close()
})

it('drops a batch that was cut at any byte, says how much, and goes on', async () => {
  const whole = await write([bytes(1, 2, 3)], [bytes(4), bytes(5, 6)])
  const firstEnd = HEADER_BYTES + BATCH_OVERHEAD_BYTES + 7
  for (let size = firstEnd; size < whole.length; size++) {
    await writeFile(path, whole.subarray(0, size))
    const log = await openFileLog(path)
    expect(log.length).toBe(1)
    expect(log.recovery.droppedBytes).toBe(size - firstEnd)
    expect(await log.append([bytes(7)])).toBe(1)
    await log.close()
    const again = await openFileLog(path)
    expect(await again.read(0, 9)).toEqual([bytes(1, 2, 3), bytes(7)])
    expect(again.recovery.droppedBytes).toBe(0)
    await again.close()
  }
})

it('drops a last batch whose pages came to the disk only in part', async () => {
  const whole = await write([bytes(1)], [new Uint8Array(9000).fill(7)])
  for (const hole of [whole.length - 9000, whole.length - 5000, whole.length - 1]) {
    const torn = whole.slice()
    torn.fill(0, hole, Math.min(hole + 4096, torn.length))
    await writeFile(path, torn)
    const log = await openFileLog(path)
    expect(log.length).toBe(1)
    expect(log.recovery.droppedBytes).toBeGreaterThan(9000)
    await log.close()
  }
})

it('refuses damage before records that were durable, and leaves the file alone', async () => {
  const whole = await write([bytes(1, 2, 3)], [bytes(4)], [bytes(5)])
  const lastStart = whole.length - (BATCH_OVERHEAD_BYTES + 5)
  for (let at = HEADER_BYTES; at < lastStart; at++) {
    const damaged = whole.slice()
    damaged[at]! ^= 0x10
    await writeFile(path, damaged)
    await expect(openFileLog(path)).rejects.toMatchObject({ code: 'storage/corrupt' })
    expect((await stat(path)).size).toBe(whole.length)
  }
})

it('takes a copy of a batch inside a torn record for content', async () => {
  const decoy = frameBatch(new Uint8Array(8), [bytes(1)])
  const whole = await write([bytes(1)], [decoy, new Uint8Array(100)])
  await writeFile(path, whole.subarray(0, whole.length - 1))
  const log = await openFileLog(path)
  expect(log.length).toBe(1)
  await log.close()
})

it('refuses a file that is no log', async () => {
  for (const content of ['', 'x', 'FMLOG1\0\0', 'a plain text, long enough for a header']) {
    await writeFile(path, content)
    await expect(openFileLog(path)).rejects.toMatchObject({ code: 'storage/corrupt' })
  }
})

it('reads a torn log without cutting it where it is opened read-only', async () => {
  const whole = await write([bytes(1)], [bytes(2)])
  await writeFile(path, whole.subarray(0, whole.length - 1))
  const log = await openFileLog(path, { readonly: true })
  expect(log.length).toBe(1)
  expect(log.recovery.droppedBytes).toBeGreaterThan(0)
  await expect(log.append([bytes(3)])).rejects.toMatchObject({ code: 'storage/read-only' })
  await log.close()
  expect((await stat(path)).size).toBe(whole.length - 1)
})

it('refuses what is too large, and everything after closing', async () => {
  const log = await openFileLog(path)
  await expect(log.append([new Uint8Array(65 * 1024 * 1024)])).rejects.toMatchObject({
    code: 'storage/too-large',
  })
  const last = log.append([bytes(1)])
  await log.close()
  expect(await last).toBe(0)
  await expect(log.append([bytes(1)])).rejects.toMatchObject({ code: 'storage/closed' })
  await expect(log.read(0, 1)).rejects.toMatchObject({ code: 'storage/closed' })
})
