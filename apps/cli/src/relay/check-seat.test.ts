/** Who may be offered a seat where the relays of one organisation decide by Raft. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peer } from '@folkmoot/federation'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Proposal, Voting } from '../admin-api.ts'
import { joinRelay } from './join-relay.ts'
import { folkmoot, freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

let folder: string
let relay: SpawnedRelay
let peers: Peer[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  peers = []
})
afterEach(async () => {
  await Promise.all(peers.map((peer) => peer.stop()))
  relay.kill('SIGKILL')
  await relay.exit
  await rm(folder, { recursive: true, force: true })
})

it('offers under raft no seat to who cannot be dialled, as no tab can', {
  timeout: 400_000,
}, async () => {
  const state = join(folder, 'relay')
  const founding = ['--preset', 'test', '--study', 'none', '--worker', '0', '--engine', 'raft']
  relay = spawnRelay(state, [...founding, ...(await freePorts())])
  await relay.ready()
  const joinAs = async (nickname: string, listen: readonly string[]) => {
    const peer = await joinRelay(relay, { folder, nickname, listen })
    peers.push(peer)
    await waitUntil('it is heard of', async () =>
      (await relay.admin<{ peer: string }[]>('/v1/peers')).some((each) => each.peer === peer.me),
    )
    return peer.me
  }
  const tab = await joinAs('tab', [])
  const other = await joinAs('other', ['/ip4/127.0.0.1/tcp/0'])
  const propose = (...args: string[]) => folkmoot('propose', ...args, '--state', state)

  const refused = await propose('voter', tab)
  expect(refused).toMatchObject({ exit: 6, error: { code: 'federation/engine' } })
  expect(refused.error?.message).toContain('only relays take seats')
  expect((await relay.admin<Voting>('/v1/voting')).roles.map(({ peer }) => peer)).not.toContain(tab)
  const offered = await propose('voter', other)
  expect(offered.exit).toBe(0)
  expect(offered.data as Proposal).toMatchObject({ kind: 'voter.offer', state: 'carried' })
})
