/** A voter that did not hear the one message about a fork learns of it from those who stopped. */
import { join } from 'node:path'
import { encodeForkEvidence } from '@folkmoot/consensus'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'
import { otherAt, proofAt } from '../../test/other-history.ts'
import type { OpenedLedger } from '../ledger/open-ledger.ts'
import type { Peer } from '../peer.ts'
import type { Platform } from '../platform.ts'

let federation: LoopbackFederation
afterEach(() => federation?.stop())

/** A voter, and proof that it decided twice. */
async function start(engine: 'bft' | 'raft' = 'bft') {
  let platform: Platform
  federation = await startLoopbackFederation({
    engine,
    relayPlatform: (each) => {
      platform = each
      return each
    },
  })
  const fork = async (): Promise<Uint8Array> => {
    const voter = federation.founder()
    const { height } = voter.ledger.status()
    const other = await otherAt(platform, voter, height)
    return encodeForkEvidence(await proofAt(voter, height), other)
  }
  return { founder: federation.founder(), fork }
}

/** The member stops, and nobody hears of it. */
async function stopSilently(peer: Peer, evidence: Uint8Array): Promise<void> {
  expect(await (peer.ledger as OpenedLedger).accept(evidence)).toMatchObject({ ok: true })
  expect(peer.ledger.status().halted).toMatchObject({ code: 'consensus/fork' })
}

const haltOf = (peer: Peer) => peer.ledger.status().halted?.code
const stops = (peer: Peer) =>
  waitUntil('the voter stops', () => haltOf(peer) === 'consensus/fork', 120_000)

it.each(['bft', 'raft'] as const)(
  'stops a voter that starts after the others stopped, and keeps it stopped (%s)',
  async (engine) => {
    const { fork } = await start(engine)
    const ann = await federation.join()
    const evidence = await fork()
    await federation.stopFounder()
    await stopSilently(ann, evidence)
    const founder = await federation.startFounder()
    await stops(founder)
    expect(founder.ledger.evidence()).toEqual(evidence)
    // It is proven in its own log from now on, with nobody to ask.
    await ann.stop()
    await federation.stopFounder()
    expect(haltOf(await federation.startFounder())).toBe('consensus/fork')
  },
  240_000,
)

it('stops a voter that was cut off, by a member that stopped before it was started again', async () => {
  const { fork } = await start()
  const state = join(federation.folder, 'ann')
  const ann = await federation.join({ state })
  const evidence = await fork()
  await federation.stopFounder()
  await stopSilently(ann, evidence)
  await ann.stop()
  const founder = await federation.startFounder()
  expect(await founder.ledger.submit({ kind: 'voter.resign', body: {} })).toMatchObject({
    fault: { code: expect.not.stringMatching(/halted/) },
  })
  expect(haltOf(founder)).toBeUndefined()
  await federation.join({ state })
  await stops(founder)
}, 240_000)

it('stops a voter that a message was lost to, and tells those who were not told', async () => {
  const { founder, fork } = await start()
  const ann = await federation.join()
  const ben = await federation.join()
  await stopSilently(ann, await fork())
  await stops(founder)
  await waitUntil('the voter told everyone', () => haltOf(ben) === 'consensus/fork', 60_000)
}, 240_000)
