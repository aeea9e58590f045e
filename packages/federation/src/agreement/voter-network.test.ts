/** Real voters of which two have no link with each other: what they say to each other goes by gossip. */
import type { PeerId } from '@folkmoot/identity'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'
import { type Counted, countMetrics } from '../../test/counted.ts'
import type { Peer } from '../peer.ts'
import type { Platform } from '../platform.ts'

let federation: LoopbackFederation
afterEach(() => federation?.stop())

const changeMs = 180_000

/** A machine whose transport refuses every connection with `others`, and takes none. */
function without(others: ReadonlySet<PeerId>, { metrics }: Counted) {
  return (platform: Platform): Platform => ({
    ...platform,
    metrics,
    transport: (request) =>
      platform.transport({
        ...request,
        allow: (peer) => (others.has(peer) ? 'revoked' : request.allow(peer)),
      }),
  })
}

async function seat(founder: Peer, peer: Peer): Promise<void> {
  const body = { peer: peer.me, org: '', seat: true }
  expect((await founder.agreement.propose({ kind: 'voter.offer', body })).ok).toBe(true)
  await waitUntil('it sees the offer', () => peer.ledger.state.state().voting.roles.has(peer.me))
  // On a busy machine a submission may be given up on: it is handed in again.
  const roleOf = () => peer.ledger.state.state().voting.roles.get(peer.me)?.state
  await waitUntil(
    'it has accepted',
    async () => roleOf() !== 'offered' || (await peer.agreement.accept()).ok,
    changeMs,
  )
  await waitUntil('it votes', () => founder.ledger.voters().includes(peer.me), changeMs)
}

const isLinked = (a: Peer, b: Peer) => a.transport.links().some(({ peer }) => peer === b.me)
const drops = ({ of }: Counted) =>
  of('folkmoot_federation_consensus_dropped_total', { reason: 'size' })
const gossiped = ({ of }: Counted, way: 'sent' | 'received') =>
  of(`folkmoot_federation_consensus_${way}_total`, { path: 'gossip' })

it('lets voters without a link decide by gossip, and fetches from another what is too large for it', {
  timeout: 600_000,
}, async () => {
  federation = await startLoopbackFederation()
  const founder = federation.founder()
  const apart = [new Set<PeerId>(), new Set<PeerId>()] as const
  const counted = [countMetrics(), countMetrics()] as const
  const spare = await federation.join({ nickname: 'spare' })
  const left = await federation.join({ replace: without(apart[0], counted[0]) })
  apart[1].add(left.me)
  const right = await federation.join({ replace: without(apart[1], counted[1]) })
  apart[0].add(right.me)
  for (const peer of [spare, left, right]) await seat(founder, peer)
  const all = [founder, left, right]
  for (const peer of all) {
    await waitUntil('four vote', () => peer.ledger.voters().length === 4, changeMs)
  }
  // Three are left, and each of them is needed.
  await spare.stop()
  for (const peer of [left, right]) {
    await waitUntil('linked with the relay', () => isLinked(peer, founder))
  }

  /** The founder's word is enough; each takes the place of the one before. */
  const amend = async (texts: readonly string[]) => {
    const verdicts = await Promise.all(
      texts.map((privacy) =>
        founder.agreement.propose({ kind: 'charter.amend', body: { privacy } }),
      ),
    )
    for (const verdict of verdicts) expect(verdict).toMatchObject({ ok: true })
    const { height } = founder.ledger.status()
    for (const peer of all) {
      await waitUntil('it is final', () => peer.ledger.status().height >= height, changeMs)
    }
  }
  for (let turn = 0; turn < 8; turn++) await amend([`small ${turn}`])
  expect(isLinked(left, right) || isLinked(right, left)).toBe(false)
  for (const each of counted) {
    expect(gossiped(each, 'sent')).toBeGreaterThan(0)
    expect(gossiped(each, 'received')).toBeGreaterThan(0)
  }

  // Three bytes a letter; what is proposed while a block is decided shares the next one.
  const large = (letter: string) => letter + '€'.repeat(3_999)
  for (let turn = 0; turn < 40 && drops(counted[0]) + drops(counted[1]) === 0; turn++) {
    await amend([...'abcdefghij'].map(large))
  }
  expect(drops(counted[0]) + drops(counted[1])).toBeGreaterThan(0)
  await amend(['and it goes on'])
  expect(isLinked(left, right) || isLinked(right, left)).toBe(false)
  console.log(
    'by gossip:',
    counted.map((each) => [gossiped(each, 'sent'), gossiped(each, 'received'), drops(each)]),
  )
})
