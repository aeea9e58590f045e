/** A voter's database under real kills; FOLKMOOT_LONG=1 kills ten times as often. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSqliteConsensusDatabase } from './sqlite-consensus-database.ts'
import { openStateFolder } from './state-folder.ts'

const script = join(import.meta.dirname, '../../test/vote-until-stopped.ts')
const rounds = process.env.FOLKMOOT_LONG === '1' ? 200 : 20

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const numberIn = (bytes: Uint8Array | undefined) =>
  bytes ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0

it(`keeps every acknowledged vote, and exactly one key, over ${rounds} kills`, {
  timeout: 900_000,
}, async () => {
  const path = join(folder, 'state')
  let acknowledged = 0
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines: string[] = []
    const reader = createInterface(child.stdout).on('line', (line) => {
      if (line === 'ready') setTimeout(() => child.kill('SIGKILL'), Math.random() * 120)
      lines.push(line)
    })
    await Promise.all([once(child, 'exit'), once(reader, 'close')])
    acknowledged = Math.max(acknowledged, ...lines.map((line) => Number(line.split(' ')[1] ?? 0)))
    const state = await openStateFolder(path)
    const database = state.consensus()
    const votes = await database.list({ prefix: 'vote/' })
    expect(votes.length).toBeGreaterThanOrEqual(acknowledged)
    expect(votes.map(([, value]) => numberIn(value))).toEqual(votes.map((_, i) => i + 1))
    expect(numberIn(await database.get('last'))).toBe(votes.length)
    // The epoch's record and the end of the old key came together or not at all.
    const epoch = numberIn(await database.get('epoch'))
    expect(epoch).toBe(Math.floor(votes.length / 7))
    if (epoch > 0) expect(await database.key(`vote/${epoch - 1}`)).toBeUndefined()
    if (acknowledged > 0) expect(await database.key(`vote/${epoch}`)).toBeDefined()
    acknowledged = votes.length
    await state.close()
  }
  expect(acknowledged).toBeGreaterThan(rounds)
})

it('ends a writer in another process that the lock did not stop', async () => {
  const path = join(folder, 'state')
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  for await (const line of createInterface(child.stdout)) if (line.startsWith('vote')) break
  const copy = openSqliteConsensusDatabase(join(path, 'consensus.sqlite'))
  await once(child, 'exit')
  expect(errors).toContain('storage/writer-replaced')
  await copy.write([{ type: 'put', key: 'mine', value: new Uint8Array(1) }])
  await copy.close()
})

it('leaves no byte of a deleted key in its files', async () => {
  const { readFile, readdir } = await import('node:fs/promises')
  const { DatabaseSync } = await import('node:sqlite')
  const path = join(folder, 'consensus.sqlite')
  const database = openSqliteConsensusDatabase(path)
  await database.createKey('vote/1')
  const reader = new DatabaseSync(path, { readOnly: true })
  const seed = Buffer.from(reader.prepare('SELECT seed FROM keys').get()!.seed as Uint8Array)
  reader.close()
  const holding = async () => {
    const names = await readdir(folder)
    const files = await Promise.all(names.map((name) => readFile(join(folder, name))))
    return files.some((file) => file.includes(seed))
  }
  expect(await holding()).toBe(true)
  await database.write([{ type: 'delete-key', name: 'vote/1' }])
  expect(await holding()).toBe(false)
  await database.close()
})
