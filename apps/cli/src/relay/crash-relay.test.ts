/** A relay that is really killed, while a member computes; FOLKMOOT_LONG=1 kills ten times as often. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, sha256, toHex } from '@folkmoot/codec'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Invitation, Study } from '../admin-api.ts'
import { verifyStudy } from '../study/verify-study.ts'
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
const long = process.env.FOLKMOOT_LONG === '1'
const rounds = long ? 200 : 20
const units = long ? 400 : 50

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

it(`loses nothing in ${rounds} kills of the relay`, { timeout: 3_600_000 }, async () => {
  const state = join(folder, 'relay')
  const study = await writePenguins(join(folder, 'study'), {
    units,
    permutationsPerUnit: 1_000_000,
  })
  const args = ['--preset', 'test', '--study', study, '--worker', '1', ...(await freePorts())]
  const start = (share: string): SpawnedRelay => {
    const relay = spawnRelay(state, [...args, '--worker-share', share])
    running.push(relay)
    return relay
  }

  /** Ids that the relay has acknowledged. */
  const acknowledged = new Set<string>()
  const expectAcknowledged = async (relay: SpawnedRelay) => {
    const kept = (await relay.admin<Invitation[]>('/v1/invitations')).map(({ id }) => id)
    expect(kept).toEqual(expect.arrayContaining([...acknowledged]))
  }

  let relay = start('0.2')
  const first = await relay.ready()
  const worker = speak([process.execPath, member, join(folder, 'member'), first.invite, '0.2'])
  running.push(worker)
  await worker.line(({ event }) => event === 'ready')

  let starts = 0
  for (let round = 0; round < rounds; round++) {
    if (round > 0) relay = start('0.2')
    if (round % 5 === 4) {
      // In the middle of its start.
      await pause(Math.random() * 1_500)
    } else {
      const ready = await relay.ready()
      starts += 1
      expect(ready).toMatchObject({
        peerId: first.peerId,
        federation: first.federation,
        study: first.study,
        invite: first.invite,
        page: first.page,
      })
      await expectAcknowledged(relay)
      // Operations go on until the kill interrupts them.
      const submitting = (async () => {
        for (;;) {
          const { id } = await relay.admin<Invitation>('/v1/invitations', { uses: 1 })
          acknowledged.add(id)
        }
      })().catch(() => {})
      await pause(Math.random() * 900)
      relay.kill('SIGKILL')
      await submitting
    }
    relay.kill('SIGKILL')
    await relay.exit
    expect(worker.lines.filter(({ event }) => event === 'halted')).toEqual([])
    expect(worker.exited()).toBe(false)
  }

  const before = worker.lines.findLast(({ event }) => event === 'study')
  relay = start('1')
  await relay.ready()
  await expectAcknowledged(relay)
  await waitUntil(
    'the study is recorded',
    async () => (await relay.admin<Study>('/v1/studies/latest')).state === 'recorded',
    600_000,
  )
  await worker.line(({ event, final }) => event === 'study' && final === units)
  const told = await relay.admin<Study>('/v1/studies/latest')
  expect(told).toMatchObject({ final: units, waiting: 0, provisional: 0, disputed: 0 })

  // What the member was told of the ledger, in all that time, is what the ledger still says.
  const ledger = decode(await relay.bytes('/v1/ledger/export'), { maxBytes: 1 << 28 })
  const entries = (ledger.ok ? (ledger.value as { entries: Uint8Array[] }).entries : []).map(
    (entry) => toHex(sha256(entry)),
  )
  const seen = worker.lines.filter(({ event }) => event === 'entry')
  expect(seen.length).toBeGreaterThan(0)
  for (const { height, hash } of seen) expect(entries[Number(height) - 1]).toBe(hash)
  expect(worker.lines.filter(({ event }) => event === 'halted')).toEqual([])

  // Nothing was counted twice: the bundle proves each unit with two results of two workers.
  const bundle = await verifyStudy(await relay.bytes('/v1/studies/latest/bundle'), {
    federation: first.federation,
    recompute: 2,
  })
  expect(bundle).toMatchObject({ ok: true, final: units, results: 2 * units, workers: 2 })
  expect(bundle).toMatchObject({ engine: 'bft', voters: 1, epoch: 1 })

  const audit = await verifyAudit(await relay.bytes('/v1/audit/export'))
  expect(audit).toMatchObject({ ok: true, peer: first.peerId })
  worker.kill('SIGTERM')
  expect(await worker.line(({ event }) => event === 'stopping')).toMatchObject({ audit: true })
  expect((await worker.exit).code).toBe(0)
  relay.kill('SIGINT')
  expect((await relay.exit).code).toBe(130)
  console.log(
    `${rounds} kills, ${starts} of them after it was ready, ${before?.mine} of ${units} units given and ${before?.final} final before the last: ${acknowledged.size} operations acknowledged and kept, ${entries.length} entries, ${seen.length} seen by the member`,
  )
})
