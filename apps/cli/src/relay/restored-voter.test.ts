/** A voter that comes back from a backup, or twice from a copy: no history forks, and nobody else is blamed. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Invitation, Status, Voting } from '../admin-api.ts'
import { type Committee, historyOf, seatAll, startRelays, stopRelays } from './committee.ts'
import { freePorts, type SpawnedRelay, spawnRelay, speak } from './spawn-relay.ts'

const main = join(import.meta.dirname, '../main.ts')

let folder: string
let committee: Committee
let more: SpawnedRelay[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  more = []
  committee = await startRelays(folder, 3)
  await seatAll(committee)
}, 300_000)
afterEach(async () => {
  for (const each of more) if (!each.exited()) each.kill('SIGKILL')
  await Promise.all(more.map((each) => each.exit))
  await stopRelays(committee)
  await rm(folder, { recursive: true, force: true })
})

const ledger = async (relay: SpawnedRelay) => (await relay.admin<Status>('/v1/status')).ledger
const invite = async (relay: SpawnedRelay) =>
  (await relay.admin<Invitation>('/v1/invitations', { uses: 1 })).id
const sees = async (relay: SpawnedRelay, id: string) =>
  (await relay.admin<Invitation[]>('/v1/invitations')).some((each) => each.id === id)

async function folkmoot(...args: string[]) {
  const spoken = speak([process.execPath, main, ...args, '--format', 'json'])
  const line = await spoken.line((each) => 'ok' in each)
  expect(line, spoken.errors()).toMatchObject({ ok: true })
  expect((await spoken.exit).code).toBe(0)
}

async function stop(relay: SpawnedRelay, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') {
  relay.kill(signal)
  await waitUntil(`it ends by ${signal}`, () => relay.exited())
}

it('restored from a backup it observes until a change of voters seats it with a new key', {
  timeout: 600_000,
}, async () => {
  const { relays, start } = committee
  const state = join(folder, 'relay-3')
  const backup = join(folder, 'backup.tgz')
  await stop(relays[3]!)
  await folkmoot('backup', backup, '--with-key', '--state', state)
  // What was decided since is not in the backup.
  await invite(relays[0]!)
  await rm(state, { recursive: true })
  await folkmoot('restore', backup, '--state', state)
  const files = await readdir(state)
  expect(files).toContain('key.pem')
  expect(files.filter((name) => name.startsWith('consensus'))).toEqual([])
  // With two of four the vote of the restored one would decide.
  await stop(relays[2]!, 'SIGKILL')
  const { epoch, height } = await ledger(relays[0]!)
  const back = start(3)
  await back.ready()
  await waitUntil('it has caught up', async () => (await ledger(back)).height === height, 60_000)
  await new Promise((resolve) => setTimeout(resolve, 30_000))
  for (const relay of [relays[0]!, relays[1]!, back]) {
    expect(await ledger(relay)).toMatchObject({ epoch, height, halted: null })
  }
  // The third is back: it registers anew, and votes from the next epoch on.
  await start(2).ready()
  for (const relay of relays) {
    await waitUntil('a new epoch', async () => (await ledger(relay)).epoch > epoch, 180_000)
    expect(await ledger(relay)).toMatchObject({ voters: 4, halted: null })
  }
  await stop(relays[1]!, 'SIGKILL')
  const id = await invite(relays[0]!)
  await waitUntil('it helped to decide', () => sees(back, id), 60_000)
  expect((await relays[0]!.admin<Voting>('/v1/voting')).evicted).toEqual([])
})

it('an older copy of its state says nothing, also when the voter itself is gone', {
  timeout: 600_000,
}, async () => {
  const { relays, start } = committee
  const state = join(folder, 'relay-3')
  await stop(relays[3]!)
  await cp(state, `${state}-copy`, { recursive: true })
  await start(3).ready()
  for (let n = 0; n < 4; n++) await invite(relays[0]!)
  // The lock is of the other folder, so both run.
  const copy = await startCopy(`${state}-copy`)
  await decideInTurn(relays[0]!)
  await expectOneHistory(relays)
  await stop(relays[3]!, 'SIGKILL')
  await decideInTurn(relays[0]!)
  // Now the others answer the copy: it stops, or is past everything that was said with its key.
  const { height } = await ledger(relays[0]!)
  await waitUntil(
    'it stops or has caught up',
    async () => {
      const now = await ledger(copy)
      return /votes of ours/.test(now.halted ?? '') || now.height >= height
    },
    120_000,
  )
  const { halted } = await ledger(copy)
  expect((await copy.admin<{ ready: boolean }>('/readyz')).ready).toBe(halted === null)
  console.log(`the copy ${halted ?? 'caught up'}`)
  await decideInTurn(relays[0]!)
  await expectOneHistory([relays[0]!, relays[1]!, relays[2]!])
})

it('an exact copy that runs beside it harms nobody but itself', {
  timeout: 600_000,
}, async () => {
  const { relays, start } = committee
  const state = join(folder, 'relay-3')
  await stop(relays[3]!)
  await cp(state, `${state}-copy`, { recursive: true })
  start(3)
  await startCopy(`${state}-copy`)
  const { peerId } = await relays[3]!.ready()
  await decideInTurn(relays[0]!)
  await decideInTurn(relays[0]!)
  // Mostly what is said to the key reaches one of the two, and the other never votes. Where both do,
  // and contradict each other, that is two words of one key: it loses its seat, and nobody else does.
  await expectOneHistory(relays.slice(0, 3), [peerId])
})

async function startCopy(state: string): Promise<SpawnedRelay> {
  const copy = spawnRelay(state, ['--worker', '0', ...(await freePorts())])
  more.push(copy)
  await copy.ready()
  return copy
}

/** So many decisions that each voter leads to some, and some leaders are too late. */
async function decideInTurn(relay: SpawnedRelay): Promise<void> {
  for (let n = 0; n < 12; n++) {
    await relay.admin('/v1/proposals', {
      action: { kind: 'charter.amend', body: { privacy: `Nothing ${n}.` } },
    })
  }
}

/** One history, and nobody convicted of a second word, but for whom that is allowed. */
async function expectOneHistory(
  relays: readonly SpawnedRelay[],
  but: readonly string[] = [],
): Promise<void> {
  const { height } = await ledger(relays[0]!)
  for (const relay of relays) {
    await waitUntil('all are level', async () => (await ledger(relay)).height >= height, 60_000)
    expect(await ledger(relay)).toMatchObject({ halted: null })
    const { evicted } = await relay.admin<Voting>('/v1/voting')
    expect(evicted.filter((peer) => !but.includes(peer))).toEqual([])
  }
  const histories = await Promise.all(relays.map(historyOf))
  const shared = Math.min(...histories.map(({ entries }) => entries.length))
  expect(shared).toBeGreaterThanOrEqual(height)
  for (const { entries } of histories) {
    expect(entries.slice(0, shared)).toEqual(histories[0]!.entries.slice(0, shared))
  }
}
