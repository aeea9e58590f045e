/** Three relays of one organisation that decide by Raft, killed at any time; FOLKMOOT_LONG=1 kills ten times as often. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Invitation, LedgerPage, Study, Voting } from '../admin-api.ts'
import { verifyStudy } from '../study/verify-study.ts'
import { verifyLedgerExport } from '../verify-ledger.ts'
import {
  type Committee,
  historyOf,
  ledgerOf,
  seatAll,
  startRelays,
  stopRelays,
  untilVoters,
} from './committee.ts'
import { type SpawnedRelay, type Spoken, speak, writePenguins } from './spawn-relay.ts'

const rounds = process.env.FOLKMOOT_LONG === '1' ? 200 : 20
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const main = join(import.meta.dirname, '../main.ts')
const member = join(
  import.meta.dirname,
  '../../../../packages/federation/test/work-until-killed.ts',
)

let folder: string
let workers: Spoken[]
let committee: Committee
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  workers = []
  committee = await startRelays(folder, 2, 'raft')
})
afterEach(async () => {
  for (const each of workers) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(workers.map((each) => each.exit))
  await stopRelays(committee)
  await rm(folder, { recursive: true, force: true })
})

const invite = async (relay: SpawnedRelay) =>
  (await relay.admin<Invitation>('/v1/invitations', { uses: 1 })).id
const invitations = async (relay: SpawnedRelay) =>
  (await relay.admin<Invitation[]>('/v1/invitations')).map(({ id }) => id)
/** Something new to decide, by its id: the founder invites, the others propose. */
async function ask(index: number): Promise<string> {
  const relay = committee.relays[index]!
  if (index === 0) return invite(relay)
  const action = { kind: 'charter.amend', body: { contact: 'somebody@example.org' } }
  return (await relay.admin<{ id: string }>('/v1/proposals', { action })).id
}

async function knows(relay: SpawnedRelay, id: string): Promise<boolean> {
  const { proposals } = await relay.admin<Voting>('/v1/voting')
  return proposals.some((each) => each.id === id) || (await invitations(relay)).includes(id)
}

async function kill(index: number): Promise<void> {
  committee.relays[index]!.kill('SIGKILL')
  await committee.relays[index]!.exit
}

async function leaderAmong(indices: readonly number[]): Promise<number> {
  let leader = -1
  await waitUntil(
    'somebody leads',
    async () => {
      for (const index of indices) {
        const { role, stalled } = await ledgerOf(committee.relays[index]!)
        if (role === 'leader' && stalled === null) leader = index
      }
      return leader >= 0
    },
    60_000,
  )
  return leader
}

it('founds with one voter, seats who joins, and decides whoever is asked and whoever leads', {
  timeout: 400_000,
}, async () => {
  const { relays } = committee
  expect(await ledgerOf(relays[0]!)).toMatchObject({ engine: 'raft', voters: 1, epoch: 1 })
  expect(await ledgerOf(relays[1]!)).toMatchObject({ voters: 1, decides: false })
  await seatAll(committee)
  for (const [index, relay] of relays.entries()) {
    expect(await ledgerOf(relay)).toMatchObject({ decides: true, halted: null, stalled: null })
    const id = await ask(index)
    for (const each of relays) await waitUntil('all know of it', () => knows(each, id))
  }
  // The leader dies: the other two go on, and it catches up when it is back.
  const leader = await leaderAmong([0, 1, 2])
  const [one, other] = [0, 1, 2].filter((index) => index !== leader) as [number, number]
  await kill(leader)
  await leaderAmong([one, other])
  const without = await ask(one)
  await waitUntil('the other one knows', () => knows(relays[other]!, without))
  await committee.start(leader).ready()
  await waitUntil('it has caught up', () => knows(relays[leader]!, without), 60_000)

  // Two of three are gone: nothing is decided, and it says so.
  await kill(one)
  await kill(other)
  const { height } = await ledgerOf(relays[leader]!)
  await waitUntil('it says so', async () => (await ledgerOf(relays[leader]!)).stalled !== null)
  await expect(ask(leader)).rejects.toThrow('consensus-raft/not-proposed')
  expect((await ledgerOf(relays[leader]!)).height).toBe(height)
  await committee.start(one).ready()
  await leaderAmong([leader, one])
  const resumed = await ask(leader)
  await committee.start(other).ready()
  await waitUntil('all know of it', () => knows(relays[other]!, resumed), 60_000)

  // What they decided is proven by their receipts, from the charter alone.
  const page = await relays[other]!.admin<LedgerPage>('/v1/ledger?from=1&limit=500')
  expect(page.entries.every(({ finality }) => finality === 'raft')).toBe(true)
  const { bytes } = await historyOf(relays[one]!)
  expect(await verifyLedgerExport(bytes)).toMatchObject({ ok: true, voters: 3 })
})

it(`loses nothing acknowledged and never forks in ${rounds} kills of any of three relays`, {
  timeout: 3_600_000,
}, async () => {
  const { relays, start } = committee
  await seatAll(committee)
  /** Ids of invitations, which only the founder may make. */
  const acknowledged = new Set<string>()
  let leaders = 0
  for (let round = 0; round < rounds; round++) {
    // Every other time whoever leads.
    const victim = round % 2 === 0 ? await leaderAmong([0, 1, 2]) : (round >> 1) % 3
    if ((await ledgerOf(relays[victim]!)).role === 'leader') leaders += 1
    let loaded = true
    const load = (async () => {
      while (loaded) {
        try {
          acknowledged.add(await invite(relays[0]!))
        } catch {
          // It is killed itself, or told that nobody leads: whoever asks for something asks again.
          await pause(100)
        }
      }
    })()
    await pause(200 + Math.random() * 800)
    await kill(victim)
    if (victim !== 0) {
      const before = acknowledged.size
      await waitUntil('the others decide', () => acknowledged.size > before, 120_000)
    }
    start(victim)
    // Sometimes it is killed again in the middle of its start.
    if (round % 5 === 4) {
      await pause(Math.random() * 1_500)
      await kill(victim)
      start(victim)
    }
    await relays[victim]!.ready()
    loaded = false
    await load
    expect(relays.every((relay) => !relay.exited())).toBe(true)
    await leaderAmong([0, 1, 2])
    acknowledged.add(await invite(relays[0]!))
  }
  const { height } = await ledgerOf(relays[0]!)
  for (const relay of relays) {
    await waitUntil('all are level', async () => (await ledgerOf(relay)).height >= height, 120_000)
    expect(await invitations(relay)).toEqual(expect.arrayContaining([...acknowledged]))
    expect(await ledgerOf(relay)).toMatchObject({ halted: null, voters: 3, decides: true })
  }
  const histories = await Promise.all(relays.map(historyOf))
  for (const { bytes, entries } of histories) {
    expect(entries.slice(0, height)).toEqual(histories[0]!.entries.slice(0, height))
    expect(await verifyLedgerExport(bytes)).toMatchObject({ ok: true, voters: 3 })
  }
  console.log(
    `${rounds} kills of three relays under raft, ${leaders} of whoever led: ${acknowledged.size} operations acknowledged and kept, ${height} entries, one history`,
  )
})

it('keeps who lost its votes from voting until its seat was taken away and offered again', {
  timeout: 400_000,
}, async () => {
  const { relays } = committee
  await seatAll(committee)
  await kill(2)
  for (const suffix of ['', '-wal', '-shm']) {
    await rm(join(folder, 'relay-2', `consensus.sqlite${suffix}`), { force: true })
  }
  const { peerId: peer } = await committee.start(2).ready()
  expect(await ledgerOf(relays[2]!)).toMatchObject({ voters: 3, decides: false })
  const action = (kind: string, body: object) => ({ action: { kind, body } })
  await relays[0]!.admin('/v1/proposals', action('voter.remove', { peer }))
  await untilVoters(relays, 2)
  await relays[0]!.admin('/v1/proposals', action('voter.offer', { peer, org: '', seat: true }))
  await untilVoters(relays, 3)
  await waitUntil('it votes again', async () => (await ledgerOf(relays[2]!)).decides)
  // Its vote counts: with another one gone the two that are left decide.
  await kill(1)
  await leaderAmong([0, 2])
  const id = await invite(relays[0]!)
  await waitUntil('both know', async () => (await invitations(relays[2]!)).includes(id))
})

it('records a study that anyone verifies offline, and says whom its proof trusts', {
  timeout: 600_000,
}, async () => {
  const { relays } = committee
  await seatAll(committee)
  const { invite: link, federation } = await relays[0]!.ready()
  const path = await writePenguins(join(folder, 'study'), { units: 4, permutationsPerUnit: 1_000 })
  const args = ['study', 'open', path, '--state', join(folder, 'relay-0'), '--format', 'json']
  expect((await speak([process.execPath, main, ...args]).exit).code).toBe(0)
  for (const name of ['ann', 'bob']) {
    const worker = speak([process.execPath, member, join(folder, name), link, '0.5'])
    workers.push(worker)
    await worker.line(({ event }) => event === 'ready')
  }
  await waitUntil(
    'it is recorded',
    async () => (await relays[0]!.admin<Study>('/v1/studies/latest')).state === 'recorded',
    300_000,
  )
  const bytes = await relays[0]!.bytes('/v1/studies/latest/bundle')
  const verified = await verifyStudy(bytes, { federation, recompute: 1 })
  expect(verified).toMatchObject({ ok: true, engine: 'raft', voters: 3, final: 4 })
  expect(JSON.stringify(verified)).toContain('its voters trust each other: none of them may lie')
  const altered = bytes.slice()
  altered[altered.length >> 1]! ^= 1
  expect((await verifyStudy(altered, { federation })).ok).toBe(false)
})
