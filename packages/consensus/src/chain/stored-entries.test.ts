/** What is read of a log for one answer. */
import { memoryLog } from '@folkmoot/base'
import { describe, expect, it } from 'vitest'
import { StoredEntries } from './stored-entries.ts'

async function stored(count: number, bytes: number) {
  const log = memoryLog()
  await log.append(Array.from({ length: count }, (_, i) => new Uint8Array(bytes).fill(i)))
  let read = 0
  const counting = {
    ...log,
    get length() {
      return log.length
    },
    read: async (from: number, to: number) => {
      const records = await log.read(from, to)
      read += records.length
      return records
    },
  }
  const entries = new StoredEntries(counting)
  entries.height = count
  return { entries, read: () => read }
}

describe('entries read for one answer', () => {
  it('are as many as was asked for, in order, from the height on', async () => {
    const { entries } = await stored(100, 10)
    const found = await entries.read(31, 50)
    expect(found.map(([first]) => first)).toEqual(Array.from({ length: 50 }, (_, i) => 30 + i))
  })

  it('stay below so many bytes, unless the first alone is larger, and little more is read', async () => {
    const { entries, read } = await stored(100, 1_000)
    expect((await entries.read(1, 100, 10_500)).length).toBe(10)
    expect(read()).toBeLessThanOrEqual(20)
    expect((await entries.read(1, 100, 500)).length).toBe(1)
  })
})
