import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startLoopbackFederation } from './loopback-federation.ts'
import { waitUntil } from './wait-until.ts'

it('a federation starts, takes members, survives its relay, and leaves nothing behind', {
  timeout: 120_000,
}, async () => {
  const federation = await startLoopbackFederation()
  const state = join(federation.folder, 'ann')
  const ann = await federation.join({ state, nickname: 'ann' })
  await waitUntil('they are linked', () => ann.transport.links().length > 0)
  const { me, fed } = federation.founder()
  const addresses = federation.relays()
  await federation.stopFounder()
  const again = await federation.startFounder()
  expect(again).toMatchObject({ me, fed })
  expect(federation.relays()).toEqual(addresses)
  expect(again.ledger.state.isMember(ann.me)).toBe(true)
  await ann.stop()
  expect((await federation.join({ state, invitation: null })).me).toBe(ann.me)
  await federation.stop()
  expect(existsSync(federation.folder)).toBe(false)
})

it('waiting names what did not happen', async () => {
  await expect(waitUntil('pigs fly', () => false, 60)).rejects.toThrow('pigs fly')
})
