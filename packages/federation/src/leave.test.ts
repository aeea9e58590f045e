/** A voter that leaves while too few are there to decide that it may. */
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'

let federation: LoopbackFederation
afterEach(() => federation?.stop())

it('is not kept for good: its leaving ends without the voter that is needed', {
  timeout: 240_000,
}, async () => {
  federation = await startLoopbackFederation()
  const founder = federation.founder()
  const member = await federation.join()
  const offer = { peer: member.me, org: '', seat: true }
  expect(await founder.agreement.propose({ kind: 'voter.offer', body: offer })).toMatchObject({
    ok: true,
  })
  const { state } = member.ledger
  await waitUntil('the offer', () => state.state().voting.roles.get(member.me)?.state === 'offered')
  expect(await member.agreement.accept()).toMatchObject({ ok: true })
  await waitUntil('it votes', () => member.ledger.decides(), 120_000)

  // Of two voters both are needed, also for the change that lets one of them go.
  await federation.stopFounder()
  expect(await member.leave()).toMatchObject({
    ok: false,
    fault: { code: 'federation/not-decided' },
  })
  await member.stop()
})
