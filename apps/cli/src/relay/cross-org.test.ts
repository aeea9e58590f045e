/** A federation founded across organisations, with rules of its own from the first entry on. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@folkmoot/base'
import type { Peer } from '@folkmoot/federation'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Proposal, Voting } from '../admin-api.ts'
import { acceptSeat } from './accept-seat.ts'
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

const founding = ['--preset', 'test', '--study', 'none', '--worker', '0']

/** A member in this process that takes the seat it is offered, as a relay would. */
async function joinAs(nickname: string): Promise<Peer> {
  const peer = await joinRelay(relay, { folder, nickname, listen: ['/ip4/127.0.0.1/tcp/0'] })
  acceptSeat(peer, silentLogger)
  peers.push(peer)
  return peer
}

it('keeps every organisation below a third of the weight, and asks two of them where its rules say so', {
  timeout: 400_000,
}, async () => {
  const rules = join(folder, 'rules.json')
  await writeFile(rules, JSON.stringify({ 'charter.amend': '2 of orgs', 'voter.offer': 'member' }))
  const across = ['--cross-org', '--org', 'acme', '--approval', rules]
  const ports = await freePorts()
  relay = spawnRelay(join(folder, 'relay'), [...founding, ...across, ...ports])
  const { peerId } = await relay.ready()
  const voting = () => relay.admin<Voting>('/v1/voting')
  expect(await voting()).toMatchObject({
    epoch: 1,
    voters: [{ peer: peerId, org: 'acme', weight: 1 }],
    approval: { 'charter.amend': '2 of orgs', 'voter.offer': 'member' },
  })
  const offer = async (peer: Peer, org: string) => {
    const action = { kind: 'voter.offer', body: { peer: peer.me, org, seat: true } }
    await relay.admin('/v1/proposals', { action })
  }
  // Four voters are of four organisations; then one of them may have more seats.
  const orgs = ['beta', 'gamma', 'delta', 'acme']
  for (const [at, org] of orgs.entries()) {
    const peer = await joinAs(`peer-${at}`)
    await offer(peer, org)
    await waitUntil(`${org} votes`, async () => (await voting()).voters.length === at + 2, 180_000)
  }
  const { voters, tolerates } = await voting()
  const total = voters.reduce((sum, { weight }) => sum + weight, 0)
  const ofAcme = voters.filter(({ org }) => org === 'acme')
  expect(ofAcme.length).toBe(2)
  expect(3 * ofAcme.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThan(total)
  expect(tolerates).toBeGreaterThan(0)

  const doctor = await folkmoot('doctor', '--state', join(folder, 'relay'), ...founding)
  expect(doctor.data).toContainEqual(
    expect.objectContaining({ name: 'powers', result: 'ok', detail: expect.stringMatching(/^5/) }),
  )

  // The founder's word is not enough for what the rules give to two organisations.
  const action = { kind: 'charter.amend', body: { contact: 'all@example.org' } }
  const asked = await relay.admin<Proposal>('/v1/proposals', { action })
  expect(asked).toMatchObject({ state: 'open', rule: '2 of orgs' })
  const other = peers[1]!
  const proposals = () => other.ledger.state.state().voting.proposals
  await waitUntil('the other hears of it', () => proposals().some(({ id }) => id === asked.id))
  expect(await other.agreement.ballot(asked.id, true)).toMatchObject({ ok: true })
  await waitUntil('it is carried', async () =>
    (await voting()).proposals.every(({ id, state }) => id !== asked.id || state === 'carried'),
  )
})

it('is refused with raft, and cannot be changed later', { timeout: 400_000 }, async () => {
  const state = join(folder, 'relay')
  const refused = await folkmoot(
    ...['relay', '--state', state, ...founding, '--cross-org', '--engine', 'raft'],
  )
  expect(refused).toMatchObject({ exit: 3, error: { code: 'cli/config' } })
  relay = spawnRelay(state, [...founding, ...(await freePorts())])
  await relay.ready()
  relay.kill('SIGKILL')
  await relay.exit
  const later = await folkmoot('relay', '--state', state, ...founding, '--cross-org')
  expect(later).toMatchObject({
    exit: 3,
    error: { message: expect.stringMatching(/founded with crossOrg false/) },
  })
})
