/** The founder dies as soon as those who joined it have their seats: they find each other without it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Voting } from '../admin-api.ts'
import { type Committee, ledgerOf, seatAll, startRelays, stopRelays } from './committee.ts'
import type { SpawnedRelay } from './spawn-relay.ts'

let folder: string
let committee: Committee
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(async () => {
  await stopRelays(committee)
  await rm(folder, { recursive: true, force: true })
})

async function kill(relay: SpawnedRelay): Promise<void> {
  relay.kill('SIGKILL')
  await relay.exit
}

/** Something new to decide; whoever is asked too early is asked again. */
async function decide(relay: SpawnedRelay, contact: string): Promise<string> {
  const action = { kind: 'charter.amend', body: { contact } }
  let id = ''
  await waitUntil(
    'something is decided',
    async () => {
      id = await relay.admin<{ id: string }>('/v1/proposals', { action }).then(
        (answer) => answer.id,
        () => '',
      )
      return id !== ''
    },
    120_000,
  )
  return id
}

const knows = async (relay: SpawnedRelay, id: string) =>
  (await relay.admin<Voting>('/v1/voting')).proposals.some((each) => each.id === id)

describe.each([
  ['raft', 2],
  ['bft', 3],
] as const)('under %s', (engine, joined) => {
  it('those who joined go on without the founder, and find each other again after all were down', {
    timeout: 600_000,
  }, async () => {
    committee = await startRelays(folder, joined, engine)
    await seatAll(committee)
    const { relays } = committee
    await kill(relays[0]!)
    const rest = relays.slice(1)
    const without = await decide(rest[0]!, 'somebody@example.org')
    for (const each of rest) await waitUntil('all know', () => knows(each, without), 60_000)

    // All of them were down: what they remember has to lead them to each other.
    for (const each of rest) await kill(each)
    const again = rest.map((_, at) => committee.start(at + 1))
    for (const each of again) await each.ready()
    const later = await decide(again.at(-1)!, 'somebody.else@example.org')
    for (const each of again) {
      await waitUntil('all know', () => knows(each, later), 60_000)
      expect(await ledgerOf(each)).toMatchObject({ halted: null, voters: joined + 1 })
    }
  })
})
