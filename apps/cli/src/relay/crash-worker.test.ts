/** A worker's process that is really killed; FOLKMOOT_LONG=1 kills ten times as often. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Study } from '../admin-api.ts'
import { verifyStudy } from '../study/verify-study.ts'
import { verifyAudit } from '../verify-audit.ts'
import { type Spoken, spawnRelay, speak, writePenguins } from './spawn-relay.ts'

const member = join(
  import.meta.dirname,
  '../../../../packages/federation/test/work-until-killed.ts',
)
const long = process.env.FOLKMOOT_LONG === '1'
const rounds = long ? 200 : 20
const units = long ? 400 : 40

let folder: string
let running: Spoken[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  running = []
})
afterEach(async () => {
  for (const each of running) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(running.map((each) => each.exit))
  await rm(folder, { recursive: true, force: true })
})
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

it(`resumes with the same key after ${rounds} kills of a worker`, {
  timeout: 3_600_000,
}, async () => {
  const study = await writePenguins(join(folder, 'study'), {
    units,
    permutationsPerUnit: 1_000_000,
  })
  const relay = spawnRelay(join(folder, 'relay'), [
    ...['--preset', 'test', '--study', study, '--worker', '1', '--worker-share', '0.5'],
  ])
  running.push(relay)
  const { invite, federation } = await relay.ready()
  const start = (share: string) => {
    const worker = speak([process.execPath, member, join(folder, 'member'), invite, share])
    running.push(worker)
    return worker
  }

  let key: unknown
  let log: unknown
  let interrupted = 0
  let starts = 0
  let mine = 0
  for (let round = 0; round < rounds; round++) {
    const worker = start('0.4')
    if (round % 5 === 4) await pause(Math.random() * 1_500)
    else {
      const ready = await worker.line(({ event }) => event === 'ready')
      starts += 1
      key ??= ready.peer
      log ??= ready.logId
      // The same key, the same log, and the log verifies with what the kill left open marked so.
      expect(ready).toMatchObject({ peer: key, logId: log, audit: true })
      expect(ready.replaced).toBe(starts === 1 ? 'first' : undefined)
      interrupted += Number(ready.interrupted)
      const there = await worker.line(({ event }) => event === 'study')
      // What it had signed before is still there: it goes on, and does not begin again.
      expect(Number(there.mine)).toBeGreaterThanOrEqual(mine)
      await pause(Math.random() * 1_200)
    }
    worker.kill('SIGKILL')
    await worker.exit
    for (const line of worker.lines)
      if (line.event === 'study') mine = Math.max(mine, Number(line.mine))
    expect(worker.lines.filter(({ event }) => event === 'halted')).toEqual([])
  }

  const worker = start('1')
  await waitUntil(
    'the study is recorded',
    async () => (await relay.admin<Study>('/v1/studies/latest')).state === 'recorded',
    600_000,
  )
  const bundle = await verifyStudy(await relay.bytes('/v1/studies/latest/bundle'), { federation })
  expect(bundle).toMatchObject({ ok: true, final: units, results: 2 * units, workers: 2 })
  expect(await verifyAudit(await relay.bytes('/v1/audit/export'))).toMatchObject({ ok: true })
  await worker.line(({ event, final }) => event === 'study' && final === units)
  worker.kill('SIGTERM')
  expect(await worker.line(({ event }) => event === 'stopping')).toMatchObject({ audit: true })
  expect((await worker.exit).code).toBe(0)
  console.log(
    `${rounds} kills, ${starts} of them after it was ready: ${mine} of ${units} units given before the last, ${interrupted} actions found interrupted`,
  )
})
