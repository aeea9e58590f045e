/** Checking what was decided among real peers, some of which lag, lie, or show another history. */
import {
  encodeEntry,
  encodeForkEvidence,
  type FinalityProof,
  forkCulprits,
  verifyEvidence,
  verifyForkEvidence,
} from '@folkmoot/consensus'
import { createChecker } from '@folkmoot/identity'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'
import { openToMembers } from '../../test/capabilities.ts'
import { otherAt, otherEnd, proofAt } from '../../test/other-history.ts'
import type { Peer } from '../peer.ts'
import type { Platform } from '../platform.ts'
import { ledgerEntries, ledgerEntry, ledgerNewest } from '../services.ts'

let federation: LoopbackFederation
let relayPlatform: Platform
afterEach(() => federation?.stop())

async function start(engine: 'solo' | 'bft' | 'raft' = 'bft') {
  federation = await startLoopbackFederation({
    engine,
    relayPlatform: (platform) => {
      relayPlatform = platform
      return platform
    },
  })
  return federation.founder()
}

/** A member that answers as it is told to. */
async function liar(newest: (peer: Peer) => Promise<FinalityProof>): Promise<Peer> {
  const peer = await federation.join({ nickname: 'liar' })
  peer.exchange.expose({
    capability: ledgerNewest,
    exposure: openToMembers,
    handler: async () => {
      const proof = await newest(peer)
      return { ok: true, output: { links: [], proof, more: false } }
    },
  })
  return peer
}

async function link(a: Peer, b: Peer): Promise<void> {
  const address = b.transport.addresses().find((each) => !each.includes('p2p-circuit'))
  await a.transport.dial(address!)
  await waitUntil('they know each other as members', () => a.ledger.state.isMember(b.me))
}

it.each(['solo', 'bft', 'raft'] as const)(
  'is confirmed by those who prove the same (%s)',
  async (engine) => {
    const founder = await start(engine)
    // Nobody else is here yet, which is no failure.
    expect(await founder.agreement.verify()).toMatchObject({
      ok: true,
      answered: 0,
      confirmedBy: 0,
    })
    const ann = await federation.join()
    expect(await ann.agreement.verify()).toMatchObject({
      ok: true,
      voters: 1,
      answered: 1,
      confirmedBy: 1,
      stale: false,
    })
  },
)

it('is confirmed by one that lags, and not by one that answers garbage', async () => {
  await start()
  const ann = await federation.join()
  const lagging = await liar((peer) => proofAt(peer, 1))
  const garbage = await liar(async (peer) => {
    const proof = await proofAt(peer, 1)
    return { ...proof, header: proof.header.map((byte, at) => (at > 200 ? byte ^ 1 : byte)) }
  })
  await Promise.all([link(ann, lagging), link(ann, garbage)])
  expect(await ann.agreement.verify()).toMatchObject({ ok: true, answered: 3, confirmedBy: 2 })
})

it('says that it may be out of date once two heartbeats have passed', async () => {
  await start()
  let late = 0
  const ann = await federation.join({
    replace: (platform) => ({
      ...platform,
      clock: { now: () => platform.clock.now() + late },
    }),
  })
  await federation.stopFounder()
  late = 121_000
  expect(await ann.agreement.verify()).toMatchObject({ ok: true, answered: 0, stale: true })
})

it('stops where two histories are proven, keeps the proof, and hands in who signed both', async () => {
  const founder = await start()
  const ann = await federation.join()
  const ben = await federation.join({ nickname: 'ben' })
  let forked: FinalityProof | undefined
  const mal = await liar(async () => forked!)
  await link(ann, mal)
  const height = ann.ledger.status().height
  // Decided in the view before: how the founder's history crossed that one is asked of its voter.
  forked = await otherAt(relayPlatform, founder, height, 1)

  const checker = createChecker(relayPlatform.verifier)
  const verdict = await ann.agreement.verify()
  expect(verdict).toMatchObject({ ok: false, fault: { code: 'consensus/fork' } })
  const { evidence } = verdict as { evidence: Uint8Array }
  expect(await verifyForkEvidence(checker, ann.ledger.anchor(), evidence)).toMatchObject({
    ok: true,
    height,
  })
  await waitUntil(
    'the voter is accused on the ledger',
    () => founder.ledger.state.state().voting.evidence.has(founder.me),
    60_000,
  )
  await waitUntil('this copy stops', () => ann.ledger.status().halted !== undefined, 60_000)
  for (const peer of [founder, ben]) {
    await waitUntil('all others stop, voters too', () => !!peer.ledger.status().halted, 60_000)
    const told = peer.ledger.evidence()!
    expect(told.length).toBeGreaterThan(evidence.length)
    expect(forkCulprits(evidence)).toEqual([])
    const [culprit] = forkCulprits(told)
    const { sets } = peer.ledger.anchor()
    expect(await verifyEvidence(checker, founder.fed, sets, culprit!)).toMatchObject({
      ok: true,
      culprit: founder.me,
    })
    expect(await peer.agreement.verify()).toMatchObject({ fault: { code: 'consensus/fork' } })
    expect(await peer.agreement.prove('a')).toMatchObject({ fault: { code: 'consensus/fork' } })
  }
  const logged = []
  for await (const entry of ann.audit.query({ text: 'fork' })) logged.push(entry)
  expect(logged.length).toBeGreaterThan(0)
  // It goes on to say so, also where nobody shows the other history any more.
  await mal.stop()
  expect(await ann.agreement.verify()).toMatchObject({ fault: { code: 'consensus/fork' } })
}, 240_000)

it('stops at what comes after another end of its epoch, which only others can prove', async () => {
  const founder = await start()
  const ann = await federation.join()
  const mal = await federation.join({ nickname: 'mal' })
  await link(ann, mal)
  const other = await otherEnd(relayPlatform, founder, peerTip(ann))
  mal.exchange.expose({
    capability: ledgerNewest,
    exposure: openToMembers,
    handler: async () => ({ ok: true, output: { ...other, more: false } }),
  })
  const entry = encodeEntry(other.proof, [])
  await mal.exchange.tell(`/folkmoot/1/${founder.fed}/ledger`, ledgerEntry, { entry }, 60_000)
  for (const peer of [ann, founder]) {
    await waitUntil('they stop', () => peer.ledger.status().halted !== undefined, 60_000)
    expect(peer.ledger.status().halted).toMatchObject({ code: 'consensus/fork' })
  }
}, 240_000)

it('stops for proof that a member tells, and for nothing that only looks like it', async () => {
  const founder = await start()
  const ann = await federation.join()
  const ben = await federation.join({ nickname: 'ben' })
  const { height } = ben.ledger.status()
  const [first, other] = [
    await proofAt(founder, height),
    await otherAt(relayPlatform, founder, height),
  ]
  const evidence = encodeForkEvidence(first, other)
  if (other.kind !== 'bft') throw new Error('voters of bft decide here')
  const garbled = { ...other, certificate: other.certificate.map((b, at) => (at > 90 ? b ^ 1 : b)) }
  const tell = (peer: Peer, entry: Uint8Array) =>
    peer.exchange.tell(`/folkmoot/1/${founder.fed}/ledger`, ledgerEntry, { entry }, 60_000)
  await tell(ann, encodeForkEvidence(first, garbled))
  await tell(ann, encodeForkEvidence(first, first))
  // Everything is as it was, and goes on being decided.
  expect(await ann.ledger.submit({ kind: 'voter.resign', body: {} })).toMatchObject({ ok: false })
  expect([ann, ben, founder].map((peer) => peer.ledger.status().halted)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  await tell(ben, evidence)
  for (const peer of [founder, ann]) {
    await waitUntil('they stop', () => peer.ledger.status().halted !== undefined, 60_000)
    expect(peer.ledger.evidence()).toEqual(evidence)
  }
  const asked = { from: peerTip(founder) + 1 }
  // Whoever missed it learns of it by asking for what comes next.
  const answer = await ben.exchange.call(founder.me, ledgerEntries, asked)
  expect(answer).toMatchObject({ ok: true, output: { entries: [evidence] } })
  await waitUntil('it stops as well', () => ben.ledger.status().halted !== undefined, 60_000)
}, 240_000)

const peerTip = (peer: Peer) => peer.ledger.status().height
