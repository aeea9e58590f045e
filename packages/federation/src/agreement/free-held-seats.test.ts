/** Real peers of which one took a seat and then says nothing: the others go on without it. */
import type { PeerId } from '@folkmoot/identity'
import { sealVoteKey } from '@folkmoot/ledger'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'
import { keyOf } from '../../test/lone-room.ts'
import type { Peer } from '../peer.ts'

let federation: LoopbackFederation
afterEach(() => federation?.stop())

const changeMs = 180_000

/** A founder that lets nobody hold up a change for more than three seconds after notice. */
async function start(): Promise<Peer> {
  federation = await startLoopbackFederation()
  const founder = federation.founder()
  const amended = await founder.agreement.propose({
    kind: 'charter.amend',
    body: { limits: { voteKeyMs: 3_000 } },
  })
  expect(amended.ok).toBe(true)
  return founder
}

async function offerSeat(founder: Peer, peer: Peer): Promise<void> {
  const body = { peer: peer.me, org: '', seat: true }
  expect((await founder.agreement.propose({ kind: 'voter.offer', body })).ok).toBe(true)
  await waitUntil(
    'it sees the offer',
    () => peer.ledger.state.state().voting.roles.get(peer.me)?.state === 'offered',
  )
}

/** A member without a place for votes: it says nothing that a voter says unless the test says it. */
async function joinSilent(): Promise<Peer> {
  return federation.join({
    nickname: 'silent',
    replace: (platform) => ({
      ...platform,
      consensus: () => Promise.reject(new Error('it keeps no votes')),
    }),
  })
}

async function accept(peer: Peer, fill: number, epoch: number): Promise<void> {
  const body = await sealVoteKey(await keyOf(fill), { fed: peer.fed, epoch, peer: peer.me })
  expect(await peer.ledger.submit({ kind: 'voter.accept', body })).toMatchObject({ ok: true })
}

const votersOf = (peer: Peer): readonly PeerId[] => [...peer.ledger.voters()].sort()

it('takes a seat back from who registers no key, and seats the others', {
  timeout: 240_000,
}, async () => {
  const founder = await start()
  const silent = await joinSilent()
  const honest = await federation.join({ nickname: 'honest' })
  await offerSeat(founder, silent)
  // For the epoch after the next one: for the next it never registers any.
  await accept(silent, 71, 3)
  await offerSeat(founder, honest)
  expect(await honest.agreement.accept()).toMatchObject({ ok: true })
  const { voting } = founder.ledger.state.state()
  expect(voting.nextVoters).toBe(null)
  expect([...voting.holdingUp.keys()]).toContain(silent.me)
  const both = [founder.me, honest.me].sort()
  for (const peer of [founder, honest]) {
    await waitUntil('both vote', () => votersOf(peer).join() === both.join(), changeMs)
  }
  expect(founder.ledger.state.state().voting.roles.has(silent.me)).toBe(false)
  // They decide together, and the seat can be offered again.
  await offerSeat(founder, silent)
})

it('takes a seat back from who is never in step, although its key is there', {
  timeout: 240_000,
}, async () => {
  const founder = await start()
  const silent = await joinSilent()
  await offerSeat(founder, silent)
  await accept(silent, 72, 2)
  await waitUntil('a set is decided that needs both', () => {
    const next = founder.ledger.state.state().voting.nextVoters
    return next?.voters.length === 2
  })
  await waitUntil(
    'the founder goes on alone',
    () => {
      const { voting } = founder.ledger.state.state()
      return !voting.roles.has(silent.me) && !voting.seats.peers.includes(silent.me)
    },
    changeMs,
  )
  await waitUntil('its epoch begins', () => founder.ledger.status().epoch === 2, changeMs)
  expect(votersOf(founder)).toEqual([founder.me])
})
