/** A federation under raft as those see it who have no seat in it. */
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'

let federation: LoopbackFederation
afterEach(() => federation?.stop())

it('lets a tab follow, check and prove, and gives it no seat', async () => {
  federation = await startLoopbackFederation({ engine: 'raft' })
  const founder = federation.founder()
  expect(founder.ledger.status()).toMatchObject({ kind: 'raft', epoch: 1, role: 'leader' })
  // What makes a peer a tab here: under which engines its machine takes a seat.
  const tab = await federation.join({ replace: (platform) => ({ ...platform, engines: ['bft'] }) })
  const offer = { peer: tab.me, org: '', seat: true }
  expect(await founder.agreement.propose({ kind: 'voter.offer', body: offer })).toMatchObject({
    ok: true,
  })
  const isOffered = () => tab.ledger.state.state().voting.roles.get(tab.me)?.state === 'offered'
  await waitUntil('it hears of the offer', isOffered, 20_000)
  expect(await tab.agreement.accept()).toMatchObject({ fault: { code: 'federation/engine' } })
  expect(await tab.agreement.verify()).toMatchObject({ ok: true, voters: 1, signers: 1, epochs: 1 })
  expect(await tab.agreement.resign()).toMatchObject({ ok: true })
  expect(tab.ledger.decides()).toBe(false)
})
