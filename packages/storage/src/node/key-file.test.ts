import { generateKeyPairSync, verify } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openKeyFile } from './key-file.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  path = join(folder, 'key.pem')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('makes a key for its owner only, and finds it again', async () => {
  const made = await openKeyFile(path)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const found = await openKeyFile(path)
  expect(found.publicKey).toEqual(made.publicKey)
  expect(await found.signRaw(new Uint8Array([1]))).toEqual(await made.signRaw(new Uint8Array([1])))
  expect(await readdir(folder)).toEqual(['key.pem'])
})

it('reads a key that openssl would write', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const signer = await openKeyFile(path)
  const message = new Uint8Array([1, 2])
  expect(verify(null, message, publicKey, await signer.signRaw(message))).toBe(true)
})

it('gives one key to two who make it at once', async () => {
  const keys = await Promise.all([openKeyFile(path), openKeyFile(path), openKeyFile(path)])
  expect(new Set(keys.map(({ publicKey }) => publicKey.join())).size).toBe(1)
})

it('refuses a key that others can reach, and leaves it alone', async () => {
  await openKeyFile(path)
  const before = await readFile(path, 'utf8')
  for (const mode of [0o640, 0o604, 0o620, 0o644]) {
    await chmod(path, mode)
    await expect(openKeyFile(path)).rejects.toMatchObject({ code: 'storage/key-permissions' })
  }
  expect(await readFile(path, 'utf8')).toBe(before)
})

it('refuses a file that holds another kind of key, or none', async () => {
  const { privateKey } = generateKeyPairSync('x25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const content of ['', 'x', pem, 'x'.repeat(100_000)]) {
    await writeFile(path, content, { mode: 0o600 })
    await expect(openKeyFile(path)).rejects.toMatchObject({ code: 'storage/key-unreadable' })
  }
})
