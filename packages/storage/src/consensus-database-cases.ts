/**
 * What every {@link ConsensusDatabase} promises beyond a key-value store, as named cases that run
 * under any test runner, in Node and in a browser.
 *
 * @module
 */
import { type ConsensusDatabase, errorCode, type RawSigner } from '@folkmoot/base'
import type { ConformanceCase } from './conformance.ts'

/** Opens the same medium, each time as its new writer. */
export type OpenConsensusDatabase = () => Promise<ConsensusDatabase>

export const consensusDatabaseCases: readonly ConformanceCase<OpenConsensusDatabase>[] = [
  {
    name: 'keeps entries and keys until the next writer opens it',
    run: async (open) => {
      const first = await open()
      const made = await first.createKey('vote/1')
      await first.write([put('a', 1)])
      const second = await open()
      same(await second.get('a'), bytes(1))
      const kept = await second.key('vote/1')
      same(kept?.publicKey, made.publicKey)
      same(await kept!.signRaw(bytes(5)), await made.signRaw(bytes(5)))
    },
  },
  {
    name: 'answers the key that has the name already, and makes different ones for different names',
    run: async (open) => {
      const database = await open()
      const [a, again, b] = await Promise.all([
        database.createKey('vote/1'),
        database.createKey('vote/1'),
        database.createKey('vote/2'),
      ])
      same(again.publicKey, a.publicKey)
      differ(b.publicKey, a.publicKey)
      same(a.publicKey.length, 32)
      same((await a.signRaw(bytes(1))).length, 64)
      same(await database.key('vote/3'), undefined)
    },
  },
  {
    name: 'deletes a key together with what is written beside it, and what was handed out signs no more',
    run: async (open) => {
      const database = await open()
      const old = await database.createKey('vote/1')
      await database.createKey('vote/2')
      await database.write([put('epoch', 2), { type: 'delete-key', name: 'vote/1' }, put('b', 1)])
      same(await database.get('epoch'), bytes(2))
      same(await database.get('b'), bytes(1))
      same(await database.key('vote/1'), undefined)
      await refused(old.signRaw(bytes(1)), 'storage/key-deleted')
      same(await (await open()).key('vote/1'), undefined)
      await database.close()
    },
  },
  {
    name: 'makes another key where one of the name was deleted',
    run: async (open) => {
      const database = await open()
      const old = await database.createKey('vote/1')
      await database.write([{ type: 'delete-key', name: 'vote/1' }])
      differ((await database.createKey('vote/1')).publicKey, old.publicKey)
    },
  },
  {
    name: 'lets a replaced writer change nothing more',
    run: async (open) => {
      const first = await open()
      await first.createKey('vote/1')
      await first.write([put('a', 1)])
      const second = await open()
      await refused(first.write([put('a', 2)]), 'storage/writer-replaced')
      await refused(
        first.write([put('b', 2), { type: 'delete-key', name: 'vote/1' }]),
        'storage/writer-replaced',
      )
      await refused(first.createKey('vote/2'), 'storage/writer-replaced')
      same(await second.get('a'), bytes(1))
      same(await second.get('b'), undefined)
      same(await second.key('vote/2'), undefined)
      if ((await second.key('vote/1')) === undefined) throw new Error('the key is gone')
      await second.write([put('a', 3)])
      same(await second.get('a'), bytes(3))
    },
  },
  {
    name: 'keeps the order of writes that are made at once',
    run: async (open) => {
      const database = await open()
      const order: number[] = []
      await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          database.write([put('last', i), put(`k${1000 + i}`, i)]).then(() => order.push(i)),
        ),
      )
      same(await database.get('last'), bytes(99))
      same((await database.list({ prefix: 'k' })).length, 100)
      same(
        order,
        Array.from({ length: 100 }, (_, i) => i),
      )
    },
  },
  {
    name: 'refuses to be used after it was closed',
    run: async (open) => {
      const database = await open()
      await database.close()
      await refused(database.write([put('a', 1)]), 'storage/closed')
      await refused(database.get('a'), 'storage/closed')
      await refused(database.createKey('a'), 'storage/closed')
    },
  },
]

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

function put(key: string, value: number) {
  return { type: 'put' as const, key, value: bytes(value) }
}

async function refused(attempt: Promise<unknown>, code: string): Promise<void> {
  const found = await attempt.then(
    () => 'nothing',
    (error: unknown) => errorCode(error),
  )
  if (found !== code) throw new Error(`expected ${code}, found ${found}`)
}

function differ(a: RawSigner['publicKey'], b: RawSigner['publicKey']): void {
  if (String(a) === String(b)) throw new Error('the two are the same')
}

function same(actual: unknown, expected: unknown): void {
  if (String(actual) !== String(expected)) {
    throw new Error(`expected ${String(expected)}, found ${String(actual)}`)
  }
}
