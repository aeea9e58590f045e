/**
 * What every {@link KeyValueStore} and every {@link AppendLog} promises, as named cases that run
 * under any test runner, in Node and in a browser.
 *
 * @module
 */
import type { AppendLog, KeyValueStore } from '@folkmoot/base'

export interface ConformanceCase<Subject> {
  readonly name: string
  /** Rejects where the promise is broken; `subject` is empty and is closed by the caller. */
  run(subject: Subject): Promise<void>
}

/** What a store must do beside {@link KeyValueStore.close}. */
export const keyValueCases: readonly ConformanceCase<KeyValueStore>[] = [
  {
    name: 'answers undefined for a key that was never put',
    run: async (store) => same(await store.get('absent'), undefined),
  },
  {
    name: 'keeps bytes, the empty ones too, under any key',
    run: async (store) => {
      for (const key of ['', 'a', 'a\0b', 'é', '\u{1f600}', '\ud800', '\uffff']) {
        for (const value of [bytes(), bytes(0), bytes(255, 0, 1)]) {
          await store.write([{ type: 'put', key, value }])
          same(await store.get(key), value)
        }
      }
    },
  },
  {
    name: 'replaces and deletes',
    run: async (store) => {
      await store.write([{ type: 'put', key: 'a', value: bytes(1) }])
      await store.write([{ type: 'put', key: 'a', value: bytes(2) }])
      same(await store.get('a'), bytes(2))
      await store.write([{ type: 'delete', key: 'a' }])
      same(await store.get('a'), undefined)
      await store.write([{ type: 'delete', key: 'a' }])
    },
  },
  {
    name: 'applies the operations of one write in order',
    run: async (store) => {
      await store.write([
        { type: 'put', key: 'a', value: bytes(1) },
        { type: 'delete', key: 'a' },
        { type: 'put', key: 'b', value: bytes(1) },
        { type: 'put', key: 'b', value: bytes(2) },
      ])
      same(await store.get('a'), undefined)
      same(await store.get('b'), bytes(2))
    },
  },
  {
    name: 'lists in the order of code units, not of UTF-8',
    run: async (store) => {
      const keys = ['', 'B', 'a', 'a\0', 'aa', 'é', '\u{1f600}', '\ue000', '\uffff']
      for (const key of keys.toReversed()) await put(store, key)
      same(await keysOf(store, { prefix: '' }), keys)
    },
  },
  {
    name: 'lists by prefix, after a key, up to a limit',
    run: async (store) => {
      for (const key of ['a/', 'a/1', 'a/2', 'a/3', 'a0', 'b']) await put(store, key)
      same(await keysOf(store, { prefix: 'a/' }), ['a/', 'a/1', 'a/2', 'a/3'])
      same(await keysOf(store, { prefix: 'a/', after: 'a/1' }), ['a/2', 'a/3'])
      same(await keysOf(store, { prefix: 'a/', after: 'a/1', limit: 1 }), ['a/2'])
      same(await keysOf(store, { prefix: 'a/', after: 'A' }), ['a/', 'a/1', 'a/2', 'a/3'])
      same(await keysOf(store, { prefix: 'a/', after: 'z' }), [])
      same(await keysOf(store, { prefix: 'a/', limit: 0 }), [])
      same(await keysOf(store, { prefix: 'c' }), [])
      await put(store, '\uffff\uffff1')
      same(await keysOf(store, { prefix: '\uffff\uffff' }), ['\uffff\uffff1'])
    },
  },
  {
    name: 'keeps its own copy of what it is given and gives copies away',
    run: async (store) => {
      const value = bytes(1, 2, 3)
      const writing = store.write([{ type: 'put', key: 'a', value: value.subarray(1) }])
      value.fill(9)
      await writing
      const read = await store.get('a')
      same(read, bytes(2, 3))
      read!.fill(9)
      same(await store.get('a'), bytes(2, 3))
    },
  },
  {
    name: 'takes many writes at once',
    run: async (store) => {
      await Promise.all(Array.from({ length: 200 }, (_, i) => put(store, `k${1000 + i}`)))
      same((await store.list({ prefix: 'k' })).length, 200)
    },
  },
  {
    name: 'accepts a write of nothing',
    run: (store) => store.write([]),
  },
]

/** What a log must do beside {@link AppendLog.close}. */
export const appendLogCases: readonly ConformanceCase<AppendLog>[] = [
  {
    name: 'begins empty, with nothing dropped',
    run: async (log) => {
      same(log.length, 0)
      same(log.recovery.droppedBytes, 0)
      same(await log.read(0, 10), [])
    },
  },
  {
    name: 'answers the index of the first record of an append',
    run: async (log) => {
      same(await log.append([bytes(1)]), 0)
      same(await log.append([bytes(2), bytes(3)]), 1)
      same(await log.append([]), 3)
      same(await log.append([bytes(4)]), 3)
      same(log.length, 4)
    },
  },
  {
    name: 'reads any range and clips it to what is there',
    run: async (log) => {
      const records = [bytes(), bytes(1), bytes(2, 2), bytes(3, 3, 3)]
      await log.append(records)
      same(await log.read(0, 4), records)
      same(await log.read(1, 3), records.slice(1, 3))
      same(await log.read(2, 99), records.slice(2))
      same(await log.read(3, 3), [])
      same(await log.read(4, 9), [])
      same(await log.read(3, 1), [])
    },
  },
  {
    name: 'keeps the order of appends that are made at once',
    run: async (log) => {
      const indexes = await Promise.all(
        Array.from({ length: 100 }, (_, i) => log.append([bytes(i), bytes(i, i)])),
      )
      same(
        indexes,
        Array.from({ length: 100 }, (_, i) => 2 * i),
      )
      same((await log.read(198, 200))[1], bytes(99, 99))
    },
  },
  {
    name: 'keeps its own copy of what it is given and gives copies away',
    run: async (log) => {
      const record = bytes(1, 2, 3)
      const appending = log.append([record.subarray(1)])
      record.fill(9)
      await appending
      const [read] = await log.read(0, 1)
      same(read, bytes(2, 3))
      read!.fill(9)
      same((await log.read(0, 1))[0], bytes(2, 3))
    },
  },
  {
    name: 'keeps large records',
    run: async (log) => {
      const large = new Uint8Array(5 * 1024 * 1024).map((_, i) => i * 31)
      await log.append([bytes(1), large])
      await log.append([large.subarray(7)])
      const [first, second, third] = await log.read(0, 3)
      same(first, bytes(1))
      same(second, large)
      same(third, large.subarray(7))
    },
  },
]

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

function put(store: KeyValueStore, key: string): Promise<void> {
  return store.write([{ type: 'put', key, value: bytes(1) }])
}

async function keysOf(store: KeyValueStore, range: Parameters<KeyValueStore['list']>[0]) {
  return (await store.list(range)).map(([key]) => key)
}

function same(actual: unknown, expected: unknown): void {
  if (!equal(actual, expected)) {
    throw new Error(`expected ${show(expected)}, found ${show(actual)}`)
  }
}

function equal(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => equal(item, b[i]))
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => byte === b[i])
  }
  return a === b
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes (${value.subarray(0, 8)} …)`
  return Array.isArray(value) ? `[${value.slice(0, 12).map(show)}]` : JSON.stringify(value)
}
