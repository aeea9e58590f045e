/** A running relay and its state: stopped, full, read-only, taken, and from a newer release. */
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Invitation, Peer, Study } from '../admin-api.ts'
import { verifyAudit } from '../verify-audit.ts'
import {
  freePorts,
  type SpawnedRelay,
  type Spoken,
  spawnRelay,
  speak,
  writePenguins,
} from './spawn-relay.ts'

const member = join(
  import.meta.dirname,
  '../../../../packages/federation/test/work-until-killed.ts',
)
/** What `npm start` runs. */
const runner = join(import.meta.dirname, '../../../../scripts/run.mjs')
/** A private mount table: root, or an ordinary user where user namespaces are allowed. */
const canMount = spawnSync('unshare', ['-rmp', '--fork', '--mount-proc', 'true']).status === 0

let folder: string
let state: string
let running: Spoken[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  state = join(folder, 'relay')
  running = []
})
afterEach(async () => {
  for (const each of running) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(running.map((each) => each.exit))
  await chmod(state, 0o700).catch(() => {})
  await rm(folder, { recursive: true, force: true })
})
const start = (args: readonly string[] = [], within: readonly string[] = []): SpawnedRelay => {
  const relay = spawnRelay(state, ['--preset', 'test', '--study', 'none', ...args], within)
  running.push(relay)
  return relay
}
/** How a relay that must not start ends: its one line and its exit code. */
async function refused(relay: SpawnedRelay) {
  const line = await relay.line((each) => 'ok' in each)
  return { ...(line.error as { code: string; message: string }), exit: (await relay.exit).code }
}

describe('a relay that is told to stop', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('drains at %s, and a restart has everything', async (signal, code) => {
    const study = await writePenguins(join(folder, 'study'), {
      units: 6,
      permutationsPerUnit: 20_000,
    })
    const args = [...(await freePorts()), '--study', study, '--worker', '1', '--worker-share', '1']
    const relay = start(args)
    const first = await relay.ready()
    const worker = speak([process.execPath, member, join(folder, 'member'), first.invite, '1'])
    running.push(worker)
    const { peer } = await worker.line(({ event }) => event === 'ready')
    await worker.line(({ event, final }) => event === 'study' && final === 6)
    const before = await relay.admin<Study>('/v1/studies/latest')
    const height = (await relay.admin<{ height: number }>('/v1/ledger')).height
    relay.kill(signal)
    expect(await relay.exit).toEqual({ code, signal: null })
    await expect(readFile(join(state, 'admin.json'))).rejects.toMatchObject({ code: 'ENOENT' })

    const again = start(args)
    expect(await again.ready()).toEqual(first)
    expect(await again.admin<Study>('/v1/studies/latest')).toMatchObject({
      id: before.id,
      state: 'recorded',
      final: 6,
    })
    // A checkpoint of its log may have come meanwhile.
    const later = (await again.admin<{ height: number }>('/v1/ledger')).height
    expect(later).toBeGreaterThanOrEqual(height)
    const members = await again.admin<Peer[]>('/v1/peers')
    expect(members.map((each) => [each.peer, each.finalResults])).toEqual(
      expect.arrayContaining([
        [first.peerId, 6],
        [peer, 6],
      ]),
    )
    await waitUntil('its answer is there again', async () => {
      const { answer } = await again.admin<Study>('/v1/studies/latest')
      return answer?.estimate === before.answer?.estimate
    })
    await waitUntil('the member is back by itself', async () =>
      (await again.admin<Peer[]>('/v1/peers')).some(
        (each) => each.peer === peer && each.link !== null,
      ),
    )
    expect(await verifyAudit(await again.bytes('/v1/audit/export'))).toMatchObject({ ok: true })
  })

  it('drains when npm is told to stop, whose shell dies without a word', async () => {
    const start = [process.execPath, runner, 'start', '--format', 'json', '--state', state]
    const flags = ['--preset', 'test', '--study', 'none', '--worker', '0', ...(await freePorts())]
    // More than one command keeps the shell there, as npm's stays.
    const shell = speak(['sh', '-c', '"$@"; true', 'sh', ...start, ...flags])
    running.push(shell)
    expect(await shell.line((each) => 'ok' in each)).toMatchObject({ ok: true })
    shell.kill('SIGTERM')
    await shell.exit
    await expect(readFile(join(state, 'admin.json'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('stops when it is asked over its admin listener', async () => {
    const relay = start()
    await relay.ready()
    await relay.admin('/v1/stop', {})
    expect(await relay.exit).toEqual({ code: 0, signal: null })
  })
})

describe('a state folder', () => {
  it('belongs to one relay: a second exits 4, and the first goes on', async () => {
    const relay = start()
    const { peerId } = await relay.ready()
    expect(await refused(start())).toMatchObject({ exit: 4, code: 'storage/locked' })
    expect(await relay.admin<{ peerId: string }>('/v1/status')).toMatchObject({ peerId })
    relay.kill('SIGKILL')
    await relay.exit
    expect(await start().ready()).toMatchObject({ peerId })
  })

  it('of a newer release exits 4, and is left as it is', async () => {
    const relay = start()
    await relay.ready()
    relay.kill('SIGTERM')
    await relay.exit
    const schema = join(state, 'schema')
    const kept = await readFile(schema, 'utf8')
    await writeFile(schema, '999\n')
    expect(await refused(start())).toMatchObject({ exit: 4, code: 'storage/newer-schema' })
    expect(await readFile(schema, 'utf8')).toBe('999\n')
    await writeFile(schema, kept)
    await start().ready()
  })

  it.skipIf(!canMount)('that is read-only exits 4 and says so', async () => {
    const relay = start()
    await relay.ready()
    relay.kill('SIGTERM')
    await relay.exit
    const remount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
    const within = ['unshare', '-rm', 'sh', '-c', remount, 'sh', folder]
    expect(await refused(start([], within))).toMatchObject({ exit: 4, code: 'storage/read-only' })
  })

  it('whose key others can read exits 4', async () => {
    const relay = start()
    await relay.ready()
    relay.kill('SIGTERM')
    await relay.exit
    await chmod(join(state, 'key.pem'), 0o644)
    expect(await refused(start())).toMatchObject({ exit: 4, code: 'storage/key-permissions' })
  })
})

/** Makes operations until one is refused; how many were acknowledged, and the refusal. */
async function fill(relay: SpawnedRelay) {
  const acknowledged: string[] = []
  for (;;) {
    try {
      const made = await relay.admin<Invitation>('/v1/invitations', { uses: 1 })
      acknowledged.push(made.id)
    } catch (error) {
      return { acknowledged, error: (error as Error).message }
    }
  }
}

describe('a full disk', () => {
  const expectSound = async (acknowledged: readonly string[]) => {
    const relay = start()
    await relay.ready()
    const kept = (await relay.admin<Invitation[]>('/v1/invitations')).map(({ id }) => id)
    expect(kept).toEqual(expect.arrayContaining([...acknowledged]))
    expect(await verifyAudit(await relay.bytes('/v1/audit/export'))).toMatchObject({ ok: true })
    // No operation without its entry: each invitation that is final has an intent.
    const { entries } = await relay.admin<{ entries: { phase: string; action: string }[] }>(
      '/v1/audit?action=operation&limit=1000',
    )
    const intents = entries.filter(({ phase }) => phase === 'intent').length
    expect(intents).toBeGreaterThanOrEqual(Math.min(kept.length, 490))
    // And there is room again.
    const made = await relay.admin<Invitation>('/v1/invitations', { uses: 1 })
    expect(made.state).toBe('valid')
  }

  it('of files that may not grow: clear words, nothing unlogged, fine again with room', async () => {
    const relay = start([], ['sh', '-c', 'ulimit -f 1200; exec "$@"', 'sh'])
    await relay.ready()
    const { acknowledged, error } = await fill(relay)
    expect(error).toMatch(/full|storage-failed|halted|room|space/)
    expect(acknowledged.length).toBeGreaterThan(10)
    // It is still there to say what is wrong.
    expect(relay.exited()).toBe(false)
    await waitUntil('it says that it is not ready', async () => {
      // What is small may still find a place; it counts like the rest.
      acknowledged.push(...(await fill(relay)).acknowledged)
      return !(await relay.admin<{ ready: boolean }>('/readyz')).ready
    })
    relay.kill('SIGTERM')
    await relay.exit
    await expectSound(acknowledged)
  })

  it.skipIf(!canMount)('of a real file system: the same', async () => {
    // The mount is the child's own: it copies the state out when the relay has stopped.
    const disk = join(folder, 'disk')
    await mkdir(disk)
    await mkdir(state, { mode: 0o700 })
    const script =
      'disk="$1"; kept="$2"; shift 2; mount -t tmpfs -o size=3m none "$disk" || exit 99; "$@"; ' +
      'code=$?; cp -a "$disk/relay/." "$kept"; exit $code'
    const within = [
      ...['unshare', '-rmp', '--fork', '--kill-child', '--mount-proc'],
      ...['sh', '-c', script, 'sh', disk, state],
    ]
    const args = ['--preset', 'test', '--study', 'none']
    const relay = spawnRelay(join(disk, 'relay'), args, within, (pid) =>
      join('/proc', String(pid), 'root', disk, 'relay'),
    )
    running.push(relay)
    await relay.ready()
    const { acknowledged, error } = await fill(relay)
    expect(error).toMatch(/full|storage-failed|halted|room|space/)
    expect(acknowledged.length).toBeGreaterThan(10)
    expect(relay.exited()).toBe(false)
    await relay.admin('/v1/stop', {})
    await relay.exit
    await expectSound(acknowledged)
  })
})
