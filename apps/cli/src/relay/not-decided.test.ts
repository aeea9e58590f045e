/** What the commands say while a voter is away without which nothing is decided, and afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Invitation } from '../admin-api.ts'
import {
  type Committee,
  kill,
  ledgerOf,
  startRelays,
  stopRelays,
  untilVoters,
} from './committee.ts'
import { folkmoot, folkmootText, type SpawnedRelay } from './spawn-relay.ts'

let folder: string
let committee: Committee
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
})
afterEach(async () => {
  await stopRelays(committee)
  await rm(folder, { recursive: true, force: true })
})

const missed = /^waits +(\d+ operations?: )?1 of the 2 votes that a decision takes are here/m

it('with one of two voters dead the relay starts, commands end with 5 and say who is missing, and what was asked is decided later', {
  timeout: 600_000,
}, async () => {
  committee = await startRelays(folder, 1)
  const state = ['--state', join(folder, 'relay-0')]
  const [first, second] = committee.relays as [SpawnedRelay, SpawnedRelay]
  const { peerId } = await second.ready()
  // Who only follows is shown what it proposed as well, once it has heard of it.
  const keys = await folkmoot('propose', 'new-keys', '--state', join(folder, 'relay-1'))
  expect(keys).toMatchObject({
    exit: 0,
    data: { state: 'open', by: peerId, what: 'new vote keys' },
  })
  const offered = await folkmoot('propose', 'voter', peerId.slice(-8), ...state)
  expect(offered).toMatchObject({ exit: 0, notes: expect.stringContaining('With 2 voters both') })
  await untilVoters(committee.relays, 2)
  // Nobody makes another invitation alone from here on.
  const [invitation] = await first.admin<Invitation[]>('/v1/invitations')
  await first.admin(`/v1/invitations/${invitation!.id}/revoke`, {})
  await kill(second)
  await kill(first)

  const again = committee.start(0)
  await waitUntil('it can be asked before it is ready', () =>
    folkmootText('status', ...state).then(
      (text) => missed.test(text),
      () => false,
    ),
  )
  expect(await again.ready()).toMatchObject({ invite: '' })
  expect(again.errors()).toContain('no default invitation')

  const asked = await folkmoot('propose', 'rule', 'study.close', 'member', ...state)
  expect(asked).toMatchObject({ exit: 5, error: { code: 'cli/not-decided' } })
  expect(asked.error!.message).toContain(peerId.slice(-6))
  expect(await ledgerOf(again)).toMatchObject({ halted: null })
  expect((await ledgerOf(again)).waiting).toBeGreaterThan(0)

  committee.start(1)
  await waitUntil(
    'it takes effect',
    async () => {
      const { data } = await folkmoot('vote', ...state)
      return (data as { approval: Record<string, string> }).approval['study.close'] === 'member'
    },
    120_000,
  )
  await waitUntil('nothing waits', async () => {
    return !/^waits/m.test(await folkmootText('status', ...state))
  })
})
