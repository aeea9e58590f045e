/** Four relays that decide together, killed at any time under load; FOLKMOOT_LONG=1 kills ten times as often. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Invitation } from '../admin-api.ts'
import { verifyLedgerExport } from '../verify-ledger.ts'
import {
  type Committee,
  historyOf,
  ledgerOf,
  seatAll,
  startRelays,
  stopRelays,
} from './committee.ts'

const rounds = process.env.FOLKMOOT_LONG === '1' ? 200 : 20
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let folder: string
let committee: Committee | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(async () => {
  if (committee) await stopRelays(committee)
  committee = undefined
  await rm(folder, { recursive: true, force: true })
})

it(`loses nothing acknowledged and never forks in ${rounds} kills of any of four relays`, {
  timeout: 3_600_000,
}, async () => {
  const rules = join(folder, 'rules.json')
  await writeFile(rules, JSON.stringify({ 'invitation.create': 'member' }))
  committee = await startRelays(folder, 3, 'bft', ['--approval', rules])
  const { relays, start } = committee
  await seatAll(committee)
  /** Ids of invitations, which every member may make here, by the relay that acknowledged them. */
  const acknowledgedBy = relays.map(() => new Set<string>())
  const acknowledged = () => acknowledgedBy.reduce((sum, ids) => sum + ids.size, 0)
  let turn = 0
  let starts = 0
  for (let round = 0; round < rounds; round++) {
    const victim = round % 4
    let loaded = true
    const load = (async () => {
      while (loaded) {
        const at = turn++ % 4
        try {
          const { id } = await relays[at]!.admin<Invitation>('/v1/invitations', { uses: 1 })
          acknowledgedBy[at]!.add(id)
        } catch {
          // It is killed itself, or nothing was decided in time: somebody asks the next one.
          await pause(100)
        }
      }
    })()
    await pause(300 + Math.random() * 900)
    relays[victim]!.kill('SIGKILL')
    await relays[victim]!.exit
    const without = acknowledged()
    await waitUntil('the others go on without it', () => acknowledged() > without, 120_000)
    start(victim)
    // Sometimes it is killed again in the middle of its start.
    if (round % 5 === 4) {
      await pause(Math.random() * 1_500)
      relays[victim]!.kill('SIGKILL')
      await relays[victim]!.exit
      start(victim)
    }
    await relays[victim]!.ready()
    starts += 1
    const before = acknowledgedBy[victim]!.size
    await waitUntil('it goes on', () => acknowledgedBy[victim]!.size > before, 180_000)
    loaded = false
    await load
    expect(relays.every((relay) => !relay.exited())).toBe(true)
  }
  // Whatever was promised is on every relay, and all have one history.
  const height = (await ledgerOf(relays[0]!)).height
  for (const relay of relays) {
    await waitUntil('all are level', async () => (await ledgerOf(relay)).height >= height, 120_000)
    const kept = (await relay.admin<Invitation[]>('/v1/invitations')).map(({ id }) => id)
    expect(kept).toEqual(expect.arrayContaining(acknowledgedBy.flatMap((ids) => [...ids])))
    expect((await ledgerOf(relay)).halted).toBe(null)
  }
  const histories = await Promise.all(relays.map(historyOf))
  for (const { bytes, entries } of histories) {
    expect(entries.slice(0, height)).toEqual(histories[0]!.entries.slice(0, height))
    expect(await verifyLedgerExport(bytes)).toMatchObject({ ok: true, voters: 4 })
  }
  const each = acknowledgedBy.map(({ size }) => size).join(' + ')
  console.log(
    `${rounds} kills of four relays, ${starts} returns: ${each} operations acknowledged and kept, ${height} entries, one history`,
  )
})
