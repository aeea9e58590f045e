/** Real processes, really killed, on real files; FOLKMOOT_LONG=1 kills ten times as often. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStateFolder, type StateFolder } from './state-folder.ts'

const script = join(import.meta.dirname, '../../test/write-until-stopped.ts')
const rounds = process.env.FOLKMOOT_LONG === '1' ? 200 : 20
const tries = (command: string, args: string[]) => spawnSync(command, args).status === 0
/** A private mount table: root, or an ordinary user where user namespaces are allowed. */
const canMount = tries('unshare', ['-rm', 'true'])

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it(`survives ${rounds} kills with everything that was acknowledged`, {
  timeout: 900_000,
}, async () => {
  const path = join(folder, 'state')
  let acknowledged = { log: 0, store: 0 }
  for (let round = 0; round < rounds; round++) {
    const said = await runAndKill(path, Math.random() * 120)
    acknowledged = {
      log: Math.max(acknowledged.log, said.log),
      store: Math.max(acknowledged.store, said.store),
    }
    const state = await openStateFolder(path)
    await expectWhole(state, acknowledged)
    acknowledged.log = (await state.log('audit')).length
    await state.close()
  }
  expect(acknowledged.log).toBeGreaterThan(rounds)
  expect(acknowledged.store).toBeGreaterThan(rounds)
})

it('refuses a second process while the first lives, and lets it in after a kill', async () => {
  const path = join(folder, 'state')
  const child = spawn(process.execPath, [script, path, '100', 'store'])
  for await (const line of createInterface(child.stdout)) if (line.startsWith('store')) break
  await expect(openStateFolder(path)).rejects.toMatchObject({ code: 'storage/locked' })
  const reader = await openStateFolder(path, { readonly: true })
  expect(await reader.store.get('last')).toBeDefined()
  await reader.close()
  await expect(openStateFolder(path)).rejects.toMatchObject({ code: 'storage/locked' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await openStateFolder(path)).close()
})

it.each(['log', 'store'])('says storage/full where a file may not grow (%s)', async (what) => {
  const path = join(folder, 'state')
  const lines = run('sh', [
    '-c',
    'ulimit -f 600; exec "$@"',
    'sh',
    process.execPath,
    script,
    path,
    '5000',
    what,
  ])
  expect(lines.filter((line) => line.startsWith('failed'))).toEqual([`failed ${what} storage/full`])
  const state = await openStateFolder(path)
  await expectWhole(state, lastSaid(lines))
  await (await state.log('audit')).append([new Uint8Array(5000)])
  await state.store.write([{ type: 'put', key: 'after', value: new Uint8Array(5000) }])
  await state.close()
})

it.skipIf(!canMount)(
  'says storage/full on a full disk, and goes on when there is room',
  async () => {
    const mount = 'mount -t tmpfs -o size=2m none "$1" && shift'
    const copy = 'cp -a "$3/." "$0"'
    const kept = join(folder, 'kept')
    const disk = join(folder, 'disk')
    spawnSync('mkdir', [kept, disk])
    const child = `"$1" "$2" "$3/state" 5000 "$4"`
    for (const what of ['log', 'store']) {
      const command = `disk="$1"; ${mount}; set -- "$1" "$2" "$disk" "$3"; ${child}; ${copy}`
      const lines = run('unshare', [
        '-rm',
        'sh',
        '-c',
        command,
        kept,
        disk,
        process.execPath,
        script,
        what,
      ])
      expect(lines.filter((line) => line.startsWith('failed'))).toEqual([
        `failed ${what} storage/full`,
      ])
      const state = await openStateFolder(join(kept, 'state'))
      await expectWhole(state, lastSaid(lines))
      await (await state.log('audit')).append([new Uint8Array(5000)])
      await state.close()
      await rm(join(kept, 'state'), { recursive: true })
    }
  },
)

it.skipIf(!canMount)(
  'reads a read-only medium, also after a kill, and refuses to write it',
  async () => {
    const path = join(folder, 'state')
    await runAndKill(path, 60, 'log')
    const remount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift'
    const lines = run('unshare', [
      '-rm',
      'sh',
      '-c',
      `${remount}; exec "$@"`,
      'sh',
      folder,
      process.execPath,
      script,
      path,
    ])
    expect(lines).toEqual(['failed open storage/read-only'])
    const reading = `
    const { openStateFolder } = await import(${JSON.stringify(join(import.meta.dirname, 'state-folder.ts'))})
    const state = await openStateFolder(${JSON.stringify(path)}, { readonly: true })
    console.log((await state.log('audit')).length > 0, (await state.store.list({ prefix: 'entry/' })).length > 0)
    console.log(await state.store.write([{ type: 'delete', key: 'a' }]).catch((error) => error.code))
    await state.close()`
    const read = run('unshare', [
      '-rm',
      'sh',
      '-c',
      `${remount}; exec "$@"`,
      'sh',
      folder,
      process.execPath,
      '--input-type=module',
      '-e',
      reading,
    ])
    expect(read).toEqual(['true true', 'storage/read-only'])
  },
)

it('refuses a folder that it may not write', async () => {
  const path = join(folder, 'state')
  await (await openStateFolder(path)).close()
  // Root may write anywhere: it becomes nobody, who then owns nothing here.
  const become = process.getuid?.() === 0 ? 'process.setuid(65534);' : ''
  await chmod(folder, 0o755)
  await chmod(path, 0o555)
  const code = `${become}
    const { openStateFolder } = await import(${JSON.stringify(join(import.meta.dirname, 'state-folder.ts'))})
    console.log(await openStateFolder(${JSON.stringify(path)}).then(() => 'opened', (error) => error.code))`
  const said = run(process.execPath, ['--input-type=module', '-e', code])
  expect(['storage/read-only', 'storage/unreadable']).toContain(said[0])
  await chmod(path, 0o755)
})

function run(command: string, args: string[]): string[] {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 })
  if (stdout === '' && stderr !== '') throw new Error(stderr)
  return stdout.trimEnd().split('\n')
}

/** Kills so long after the first line that starts with `from`. */
async function runAndKill(path: string, afterMs: number, from = 'ready') {
  const child = spawn(process.execPath, [script, path, '300'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith(from)) setTimeout(() => child.kill('SIGKILL'), afterMs)
    lines.push(line)
  })
  await Promise.all([once(child, 'exit'), once(reader, 'close')])
  expect(lines.filter((line) => line.startsWith('failed'))).toEqual([])
  return lastSaid(lines)
}

function lastSaid(lines: readonly string[]) {
  const last = (word: string) =>
    Math.max(
      0,
      ...lines.filter((line) => line.startsWith(word)).map((line) => Number(line.split(' ')[1])),
    )
  return { log: last('log'), store: last('store') }
}

/** Every record is the one that belongs at its place, and nothing acknowledged is missing. */
async function expectWhole(state: StateFolder, acknowledged: { log: number; store: number }) {
  const log = await state.log('audit')
  expect(log.length).toBeGreaterThanOrEqual(acknowledged.log)
  for (const [i, record] of (await log.read(0, log.length)).entries())
    expect(numberIn(record)).toBe(i)
  const entries = await state.store.list({ prefix: 'entry/' })
  expect(entries.length).toBeGreaterThanOrEqual(acknowledged.store)
  expect(entries.map(([, value]) => numberIn(value))).toEqual(entries.map((_, i) => i + 1))
  const last = await state.store.get('last')
  expect(last === undefined ? 0 : numberIn(last)).toBe(entries.length)
}

function numberIn(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
