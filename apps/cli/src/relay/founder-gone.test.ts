/** The founder dies as soon as those who joined it have their seats: they find each other without it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Committee,
  decide,
  kill,
  knows,
  ledgerOf,
  seatAll,
  startRelays,
  stopRelays,
} from './committee.ts'

let folder: string
let committee: Committee
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(async () => {
  await stopRelays(committee)
  await rm(folder, { recursive: true, force: true })
})

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
