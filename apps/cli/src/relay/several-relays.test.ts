/** More than one relay in one federation, each a process of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Invitation, LedgerPage, Peer, Status, Voting } from '../admin-api.ts'
import { type Committee, seatAll, startRelays, stopRelays, untilVoters } from './committee.ts'
import { freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

let folder: string
let running: SpawnedRelay[]
let committee: Committee | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  running = []
})
afterEach(async () => {
  if (committee) await stopRelays(committee)
  committee = undefined
  for (const each of running) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(running.map((each) => each.exit))
  await rm(folder, { recursive: true, force: true })
})

async function start(name: string, args: readonly string[]): Promise<SpawnedRelay> {
  const relay = spawnRelay(join(folder, name), ['--worker', '0', '--nickname', name, ...args])
  running.push(relay)
  return relay
}

async function linkFile(link: string): Promise<string> {
  const file = join(folder, 'link')
  await writeFile(file, `${link}\n`, { mode: 0o600 })
  return file
}

it('joins a federation by an invitation, follows its ledger, and is known again', {
  timeout: 120_000,
}, async () => {
  const first = await start('first', [
    '--preset',
    'test',
    '--study',
    'none',
    ...(await freePorts()),
  ])
  const founded = await first.ready()
  const file = await linkFile(founded.invite)
  const ports = await freePorts()
  const second = await start('second', ['--join', file, ...ports])
  const joined = await second.ready()
  expect(joined).toMatchObject({ federation: founded.federation, invite: '' })
  expect(joined.peerId).not.toBe(founded.peerId)
  await waitUntil('both are shown', async () => {
    const peers = await first.admin<Peer[]>('/v1/peers')
    return (
      peers
        .map(({ nickname }) => nickname)
        .sort()
        .join() === 'first,second'
    )
  })
  const { id } = await first.admin<Invitation>('/v1/invitations', { uses: 1 })
  await waitUntil('the second sees it', async () =>
    (await second.admin<Invitation[]>('/v1/invitations')).some((each) => each.id === id),
  )
  const height = (await second.admin<LedgerPage>('/v1/ledger?from=1')).height
  second.kill('SIGINT')
  expect((await second.exit).code).toBe(130)
  const again = await start('second', ports)
  expect(await again.ready()).toMatchObject({
    peerId: joined.peerId,
    federation: joined.federation,
  })
  // A checkpoint of the first one's log may have come meanwhile.
  const later = (await again.admin<LedgerPage>('/v1/ledger?from=1')).height
  expect(later).toBeGreaterThanOrEqual(height)
})

it('seats a relay that joins by an invitation with a seat, without another word', {
  timeout: 240_000,
}, async () => {
  const first = await start('first', [
    '--preset',
    'test',
    '--study',
    'none',
    ...(await freePorts()),
  ])
  await first.ready()
  const terms = { role: 'voter', cohort: 'acme' }
  const { link, uses } = await first.admin<Invitation>('/v1/invitations', terms)
  expect(uses).toBe(1)
  const second = await start('second', ['--join', await linkFile(link!), ...(await freePorts())])
  const { peerId } = await second.ready()
  await untilVoters([first, second], 2)
  // Both say the same from the first moment on: the state enters the epoch only with an operation.
  const { ledger } = await first.admin<Status>('/v1/status')
  const { voters, epoch, tolerates } = await first.admin<Voting>('/v1/voting')
  expect({ epoch, tolerates }).toEqual({ epoch: ledger.epoch, tolerates: 0 })
  expect(voters.find(({ peer }) => peer === peerId)).toMatchObject({ org: 'acme' })
  const { id } = await first.admin<Invitation>('/v1/invitations', { uses: 1 })
  await waitUntil('both decided it', async () =>
    (await second.admin<Invitation[]>('/v1/invitations')).some((each) => each.id === id),
  )
})

it('decides with four relays, and with three of them while one is away', {
  timeout: 400_000,
}, async () => {
  committee = await startRelays(folder, 3)
  const { relays } = committee
  await seatAll(committee)
  const invite = async (relay: SpawnedRelay) =>
    (await relay.admin<Invitation>('/v1/invitations', { uses: 1 })).id
  const sees = async (relay: SpawnedRelay, id: string) =>
    (await relay.admin<Invitation[]>('/v1/invitations')).some((each) => each.id === id)
  const id = await invite(relays[0]!)
  for (const relay of relays) await waitUntil('all see it', () => sees(relay, id))
  relays[3]!.kill('SIGKILL')
  await relays[3]!.exit
  const without = await invite(relays[0]!)
  for (const relay of relays.slice(0, 3)) await waitUntil('it is final', () => sees(relay, without))
  const back = committee.start(3)
  await back.ready()
  await waitUntil('it has caught up', () => sees(back, without), 60_000)
})

it('seats a voter that lost its votes anew, from the next epoch on', {
  timeout: 400_000,
}, async () => {
  committee = await startRelays(folder, 3)
  const { relays } = committee
  await seatAll(committee)
  const ledger = async (relay: SpawnedRelay) => (await relay.admin<Status>('/v1/status')).ledger
  const { epoch } = await ledger(relays[0]!)
  relays[3]!.kill('SIGKILL')
  await relays[3]!.exit
  for (const suffix of ['', '-wal', '-shm']) {
    await rm(join(folder, 'relay-3', `consensus.sqlite${suffix}`), { force: true })
  }
  const back = committee.start(3)
  await back.ready()
  for (const relay of relays) {
    await waitUntil('a new epoch', async () => (await ledger(relay)).epoch > epoch, 120_000)
    expect(await ledger(relay)).toMatchObject({ voters: 4, decides: true, halted: null })
  }
  // Its vote counts again: with another one gone the three that are left decide.
  relays[2]!.kill('SIGKILL')
  await relays[2]!.exit
  const { id } = await relays[0]!.admin<Invitation>('/v1/invitations', { uses: 1 })
  await waitUntil('it sees what it helped to decide', async () =>
    (await back.admin<Invitation[]>('/v1/invitations')).some((each) => each.id === id),
  )
})

it('says nothing while there is nothing to decide, but for the heartbeat', {
  timeout: 600_000,
}, async () => {
  committee = await startRelays(folder, 3)
  const { relays } = committee
  await seatAll(committee)
  /** Messages of agreement that all of them have sent. */
  const sent = async (): Promise<number> => {
    let sum = 0
    for (const relay of relays) {
      const text = new TextDecoder().decode(await relay.bytes('/metrics'))
      const counters = text.matchAll(/^folkmoot_federation_consensus_sent_total\{[^}]*\} (\d+)/gm)
      for (const [, count] of counters) sum += Number(count)
    }
    return sum
  }
  const height = async () => (await relays[0]!.admin<LedgerPage>('/v1/ledger?from=1')).height
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  expect(await sent()).toBeGreaterThan(0)
  /** Twenty seconds of silence, between two heartbeats. */
  await waitUntil(
    'nobody says anything',
    async () => {
      const before = await sent()
      await pause(20_000)
      return (await sent()) === before
    },
    180_000,
  )
  const [silent, at] = [await sent(), await height()]
  await waitUntil('the heart beats', async () => (await height()) > at, 120_000)
  await pause(4_000)
  const spoken = (await sent()) - silent
  expect(await height()).toBe(at + 1)
  // A proposal, and two votes and a certificate of each voter for each other one; and some to spare.
  expect(spoken).toBeGreaterThan(0)
  expect(spoken).toBeLessThanOrEqual(3 + 4 * 3 * 4)
})

it('says why a link leads nowhere', async () => {
  const file = await linkFile('http://127.0.0.1:1/#join=rubbish')
  const relay = await start('lost', ['--join', file, ...(await freePorts())])
  expect((await relay.exit).code).toBe(5)
  expect(relay.lines.at(-1)).toMatchObject({ ok: false, error: { code: 'cli/join' } })
})
