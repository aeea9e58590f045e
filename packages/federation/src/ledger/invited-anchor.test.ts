/** A newcomer believes no voters but those that its invitation names. */
import { createChecker, createSigner, openInvitation, sealInvitation } from '@folkmoot/identity'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, expect, it } from 'vitest'
import type { Peer } from '../peer.ts'
import type { Platform } from '../platform.ts'

let federation: LoopbackFederation
let platform: Platform
afterEach(() => federation.stop())

async function start(): Promise<Peer> {
  federation = await startLoopbackFederation({
    relayPlatform: (each) => {
      platform = each
      return each
    },
  })
  return federation.founder()
}

const terms = () =>
  ({
    uses: 9,
    validMs: 600_000,
    role: 'member',
    cohort: 'test',
    relays: federation.relays(),
  }) as const

async function nextEpoch(founder: Peer): Promise<void> {
  const { epoch } = founder.ledger.status()
  const proposed = await founder.agreement.propose({ kind: 'voter.rotate', body: {} })
  expect(proposed).toMatchObject({ ok: true })
  await waitUntil('the next epoch', () => founder.ledger.status().epoch > epoch, 30_000)
}

it('comes to the voters that its invitation names, and keeps to them after a restart', {
  timeout: 120_000,
}, async () => {
  const founder = await start()
  await nextEpoch(founder)
  const { invitation: bytes, seed } = await founder.invite(terms())
  const state = `${federation.folder}/ann`
  const ann = await federation.join({ state, invitation: { bytes, seed } })
  expect(ann.ledger.isAnchored()).toBe(true)
  expect(await ann.agreement.verify()).toMatchObject({ ok: true, epochs: 2 })
  await ann.stop()
  const again = await federation.join({ state, invitation: null })
  expect(await again.agreement.verify()).toMatchObject({ ok: true, epochs: 2 })
})

it('follows no other voters into that epoch, and says that it is behind', {
  timeout: 120_000,
}, async () => {
  const founder = await start()
  const { invitation: issued, seed } = await founder.invite(terms())
  // Signed by the founder and on the ledger, and it names voters that nobody ever was.
  const opened = await openInvitation(createChecker(platform.verifier), issued)
  if (!opened.ok) throw new Error(opened.fault.message)
  const anchor = { epoch: 2, setHash: new Uint8Array(32).fill(7), date: Date.now() }
  const signer = createSigner(platform.signer)
  const bytes = await sealInvitation(signer, { ...opened.invitation, anchor })
  const recorded = await founder.ledger.submit({
    kind: 'invitation.create',
    body: { invitation: bytes },
  })
  expect(recorded).toMatchObject({ ok: true })
  const ann = await federation.join({ nickname: 'ann' })
  const ben = await federation.join({ nickname: 'ben', invitation: { bytes, seed } })
  const behind = { ok: false, fault: { code: 'federation/behind-invitation' } }
  expect(await ben.agreement.verify()).toMatchObject(behind)
  expect(ben.ledger.behind()).toBe(true)
  await nextEpoch(founder)
  await founder.invite(terms())
  const { height } = founder.ledger.status()
  await waitUntil('ann follows', () => ann.ledger.status().height >= height, 30_000)
  expect(ann.ledger.status().epoch).toBe(2)
  // It was told as ann was, and asks by itself every second.
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(ben.ledger.status().epoch).toBe(1)
  expect(ben.ledger.status().height).toBeLessThan(height)
  expect(await ben.agreement.verify()).toMatchObject(behind)
})
