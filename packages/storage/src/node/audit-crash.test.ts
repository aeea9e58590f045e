/**
 * The audit log on real files, under processes that are really killed and disks that are really
 * full; FOLKMOOT_LONG=1 kills ten times as often.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type AuditLog, openAudit, verifyAuditExport } from '@folkmoot/audit'
import { createChecker, createSigner, noteSigner } from '@folkmoot/identity'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { nodeRandomness, nodeVerifier, signerFromSeed } from './ed25519.ts'
import { nodeClock } from './platform-time.ts'
import { openStateFolder } from './state-folder.ts'

const script = join(import.meta.dirname, '../../test/log-until-stopped.ts')
const rounds = process.env.FOLKMOOT_LONG === '1' ? 200 : 20
const checker = createChecker(nodeVerifier())

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  path = join(folder, 'state')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it(`is consistent and whole after each of ${rounds} kills`, { timeout: 900_000 }, async () => {
  let acknowledged = 0
  let logId: string | undefined
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && round % 20 === 0) {
      // A fresh log now and then: checking one that only grows would take most of the time.
      await rm(path, { recursive: true })
      acknowledged = 0
      logId = undefined
    }
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines: string[] = []
    const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
    await once(reader, 'line')
    setTimeout(() => child.kill('SIGKILL'), 1 + Math.random() * 150)
    await Promise.all([once(child, 'exit'), once(reader, 'close')])
    const said = (word: string) =>
      lines.filter((line) => line.startsWith(word)).map((line) => Number(line.split(' ')[1]))
    expect(said('failed')).toEqual([])

    await inspect(async (audit) => {
      logId ??= audit.logId
      expect(audit.logId).toBe(logId)
      expect(audit.recovery.replaced).toBeUndefined()
      const intents = new Set(said('intent'))
      const outcomes = new Set(said('outcome'))
      const kept = new Map<number, boolean>()
      for await (const entry of audit.query()) {
        if (entry.phase === 'intent') kept.set(entry.seq, entry.content !== undefined)
        else if (entry.decision === 'done') outcomes.delete(entry.of!)
      }
      for (const seq of intents) expect(kept.get(seq)).toBe(true)
      expect([...outcomes]).toEqual([])
      expect(audit.size).toBeGreaterThanOrEqual(Math.max(acknowledged, ...said('checkpoint')))
      acknowledged = audit.size
    })
  }
  expect(acknowledged).toBeGreaterThan(20)
})

it('drops a batch that was cut at any byte, says so, and verifies', async () => {
  const file = join(path, 'logs', 'audit')
  const act = (audit: AuditLog) => audit.intent({ direction: 'out', peer: null, action: 'call' })
  await inspect(async (audit) => {
    await audit.outcome(await act(audit), { decision: 'done' })
    await audit.checkpoint()
  })
  const before = (await readFile(file)).length
  const unsigned = { sign: false }
  await inspect(act, unsigned)
  const whole = await readFile(file)
  for (let size = whole.length - 1; size > before; size--) {
    await writeFile(file, whole.subarray(0, size))
    await inspect(async (audit) => {
      expect(audit.recovery.droppedBytes).toBeGreaterThan(0)
      expect(audit.recovery.replaced).toBeUndefined()
      await act(audit)
    }, unsigned)
  }
})

it('says audit/full at its quota, storage/full at the end of the disk, and verifies after both', async () => {
  const run = (command: string, args: string[]) =>
    spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 }).stdout.trimEnd().split('\n')
  const quota = run(process.execPath, [script, path, '1000', '200000'])
  expect(quota.at(-1)).toBe('failed audit/full')
  await inspect(async (audit) => expect(audit.bytes).toBeLessThanOrEqual(200_000))
  const disk = run('sh', [
    '-c',
    'ulimit -f 800; exec "$@"',
    'sh',
    process.execPath,
    script,
    path,
    '3000',
  ])
  expect(disk.at(-1)).toBe('failed storage/full')
  await inspect(async (audit) => {
    expect(audit.recovery.replaced).toBeUndefined()
    const said = disk
      .filter((line) => line.startsWith('intent'))
      .map((line) => Number(line.split(' ')[1]))
    expect(audit.size).toBeGreaterThan(Math.max(...said))
  })
})

/** Opens the log as a restarted peer would, looks at it, verifies it, and closes it. */
async function inspect(
  look: (audit: AuditLog) => Promise<unknown>,
  { sign = true } = {},
): Promise<void> {
  const state = await openStateFolder(path)
  const raw = await signerFromSeed(new Uint8Array(32).fill(1))
  const audit = await openAudit({
    log: await state.log('audit'),
    store: state.store,
    signer: createSigner(raw),
    note: noteSigner(raw),
    checker,
    fed: 'f0'.repeat(32),
    clock: nodeClock,
    randomness: nodeRandomness(),
  })
  await look(audit)
  expect(await audit.verify()).toMatchObject({ ok: true, entries: audit.size })
  if (sign) {
    const verdict = await verifyAuditExport(checker, await audit.export())
    expect(verdict).toMatchObject({ ok: true, entries: audit.size, unsigned: 0 })
  }
  await state.close()
}
