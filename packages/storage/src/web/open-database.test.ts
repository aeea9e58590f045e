import 'fake-indexeddb/auto'
import { contentIdOf } from '@folkmoot/codec'
import { openDB } from 'idb'
import { expect, it } from 'vitest'
import { openDatabase } from './open-database.ts'

let count = 0
const fresh = () => `state-${count++}`
const bytes = (...values: number[]) => Uint8Array.from(values)
const block = (fill: number) => new Uint8Array(100).fill(fill)
const id = (fill: number) => contentIdOf(block(fill))

it('keeps everything over a reload, and the key cannot be read', async () => {
  const name = fresh()
  const first = await openDatabase(name)
  await first.store.write([{ type: 'put', key: 'a', value: bytes(1) }])
  await (await first.log('audit')).append([bytes(2), bytes(3)])
  await first.blocks.put(id(1), block(1))
  const { publicKey } = await first.keys.signer()
  await first.close()

  const second = await openDatabase(name)
  expect(await second.store.get('a')).toEqual(bytes(1))
  const log = await second.log('audit')
  expect(await log.append([bytes(4)])).toBe(2)
  expect(await log.read(0, 9)).toEqual([bytes(2), bytes(3), bytes(4)])
  expect(await second.blocks.get(id(1))).toEqual(block(1))
  const signer = await second.keys.signer()
  expect(signer.publicKey).toEqual(publicKey)
  const key = await crypto.subtle.importKey('raw', publicKey.slice(), 'Ed25519', true, ['verify'])
  const signature = (await signer.signRaw(bytes(5))) as Uint8Array<ArrayBuffer>
  expect(await crypto.subtle.verify('Ed25519', key, signature, bytes(5))).toBe(true)
  await second.close()
  const raw = await openDB(name)
  const { privateKey } = await raw.get('keys', 'peer')
  await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow()
  raw.close()
})

it('gives two tabs one key, and notices two writers of one log', async () => {
  const name = fresh()
  const [a, b] = await Promise.all([openDatabase(name), openDatabase(name)])
  const [keyA, keyB] = await Promise.all([a.keys.signer(), b.keys.signer()])
  expect(keyA.publicKey).toEqual(keyB.publicKey)
  const [logA, logB] = await Promise.all([a.log('audit'), b.log('audit')])
  await logA.append([bytes(1)])
  await expect(logB.append([bytes(2)])).rejects.toMatchObject({ code: 'storage/locked' })
  expect(await logA.read(0, 9)).toEqual([bytes(1)])
  await a.close()
  await b.close()
})

it('destroys everything, also what another tab has open', async () => {
  const name = fresh()
  const lost: string[] = []
  const other = await openDatabase(name, { onLost: () => lost.push('other') })
  const state = await openDatabase(name)
  const { publicKey } = await state.keys.signer()
  await state.store.write([{ type: 'put', key: 'a', value: bytes(1) }])
  await state.destroy()
  expect(lost).toEqual(['other'])
  await expect(other.store.get('a')).rejects.toMatchObject({ code: 'storage/closed' })
  expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name)
  const again = await openDatabase(name)
  expect(await again.store.get('a')).toBeUndefined()
  expect((await again.keys.signer()).publicKey).not.toEqual(publicKey)
  await again.close()
})

it('refuses a database of a newer release', async () => {
  const name = fresh()
  ;(await openDB(name, 99)).close()
  await expect(openDatabase(name)).rejects.toMatchObject({ code: 'storage/newer-schema' })
})

it('keeps blocks within their quota over a reload, oldest dropped', async () => {
  const name = fresh()
  const first = await openDatabase(name, { blocks: { quotaBytes: 300 } })
  for (const fill of [1, 2, 3]) await first.blocks.put(id(fill), block(fill))
  await first.blocks.get(id(1))
  await first.close()
  const second = await openDatabase(name, { blocks: { quotaBytes: 300 } })
  await second.blocks.put(id(4), block(4))
  expect(await Promise.all([1, 2, 3, 4].map((fill) => second.blocks.has(id(fill))))).toEqual([
    true,
    false,
    true,
    true,
  ])
  await expect(second.blocks.put(id(5), block(6))).rejects.toMatchObject({
    code: 'storage/wrong-content',
  })
  await expect(
    second.blocks.put(contentIdOf(new Uint8Array(301)), new Uint8Array(301)),
  ).rejects.toMatchObject({ code: 'storage/too-large' })
  await second.close()
})
