/** Four relays that decide together, killed at any time under load; FOLKMOOT_LONG=1 kills ten times as often. */
import { mkdtemp, rm } from 'node:fs/promises'
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
  committee = await startRelays(folder, 3)
  const { relays, start } = committee
  await seatAll(committee)
  /** Ids of invitations, which only the founder may make: its operations go through all of them. */
  const acknowledged = new Set<string>()
  let starts = 0
  for (let round = 0; round < rounds; round++) {
    const victim = round % 4
    let loaded = true
    const load = (async () => {
      while (loaded) {
        try {
          const { id } = await relays[0]!.admin<Invitation>('/v1/invitations', { uses: 1 })
          acknowledged.add(id)
        } catch {
          // It is killed itself, or nothing was decided in time: whoever asks for something asks again.
          await pause(100)
        }
      }
    })()
    await pause(300 + Math.random() * 900)
    relays[victim]!.kill('SIGKILL')
    await relays[victim]!.exit
    if (victim !== 0) {
      // The others go on without it.
      const before = acknowledged.size
      await waitUntil('the others decide', () => acknowledged.size > before, 120_000)
    }
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
    const before = acknowledged.size
    await waitUntil('it goes on', () => acknowledged.size > before, 120_000)
    loaded = false
    await load
    expect(relays.every((relay) => !relay.exited())).toBe(true)
  }
  // Whatever was promised is on every relay, and all have one history.
  const height = (await ledgerOf(relays[0]!)).height
  for (const relay of relays) {
    await waitUntil('all are level', async () => (await ledgerOf(relay)).height >= height, 120_000)
    const kept = (await relay.admin<Invitation[]>('/v1/invitations')).map(({ id }) => id)
    expect(kept).toEqual(expect.arrayContaining([...acknowledged]))
    expect((await ledgerOf(relay)).halted).toBe(null)
  }
  const histories = await Promise.all(relays.map(historyOf))
  for (const { bytes, entries } of histories) {
    expect(entries.slice(0, height)).toEqual(histories[0]!.entries.slice(0, height))
    expect(await verifyLedgerExport(bytes)).toMatchObject({ ok: true, voters: 4 })
  }
  console.log(
    `${rounds} kills of four relays, ${starts} returns: ${acknowledged.size} operations acknowledged and kept, ${height} entries, one history`,
  )
})
