/**
 * Tabs that vote: a relay and three tabs, and four tabs alone, decide together over WebRTC.
 */
import { readFileSync } from 'node:fs'
import { verifyStudy } from '../apps/cli/src/study/verify-study.ts'
import { epochsOfKeys, loseVotes } from './support/consensus-storage.ts'
import { equivocate } from './support/equivocate.ts'
import { expect, test } from './support/fast-study.ts'
import { cutOff, holdUp, letThrough } from './support/hold-up.ts'
import { nothingStored, readStored } from './support/page-traffic.ts'
import type { RelayProcess } from './support/relay-process.ts'
import { allUntil, connected, pause, press } from './support/shown.ts'
import type { Peek, VolunteerTab } from './support/volunteer-tab.ts'
import { decidedPast, operate, seated } from './support/voters.ts'

// Every seat is an epoch of its own, and each tab waits for the one before.
test.setTimeout(900_000)

interface Voting {
  readonly epoch: number
  readonly voters: readonly { readonly peer: string }[]
}

const votersOf = ({ ledger }: Peek): readonly string[] =>
  (ledger as { voters?: readonly string[] } | null)?.voters ?? []
const heightOf = ({ ledger }: Peek): number => ledger?.height ?? 0

/** By the notice, which leads to what the offer means. */
async function accept({ page }: VolunteerTab): Promise<void> {
  await page.getByRole('button', { name: 'Read what it means' }).click({ timeout: 60_000 })
  const offer = page.getByRole('button', { name: 'Accept the seat' })
  await expect(offer).toBeInViewport({ timeout: 60_000 })
  await offer.click()
}

/** Offers a tab the role of voter; its owner accepts, and it has its seat. */
async function seat(host: RelayProcess, tab: VolunteerTab): Promise<string> {
  const { peerId } = (await tab.peek())!
  const offered = await host.command('propose', 'voter', peerId!)
  expect(offered.code, offered.err).toBe(0)
  await accept(tab)
  await expect
    .poll(async () => (await host.get<Voting>('/v1/voting')).voters.map(({ peer }) => peer), {
      timeout: 120_000,
    })
    .toContain(peerId)
  return peerId!
}

/** One decision that the relay asks for; resolves with its height once a tab shows it. */
async function decide(host: RelayProcess, tabs: readonly VolunteerTab[]): Promise<void> {
  const before = Math.max(
    ...(await Promise.all(tabs.map(async (tab) => heightOf((await tab.peek())!)))),
  )
  const made = await host.command('invite', 'create', '--uses', '1')
  expect(made.code, made.err).toBe(0)
  for (const tab of tabs) await tab.until('the decision', (seen) => heightOf(seen) > before)
}

test('a relay and three tabs decide; with one tab closed they still do, what lost its votes votes again from the next epoch on, and with two gone nothing is decided until one is back', async ({
  relay,
  openTab,
}) => {
  const host = await relay({ args: ['--study', 'none', '--worker', '0', '--preset', 'test'] })
  const tabs: VolunteerTab[] = []
  for (let index = 0; index < 3; index++) {
    const tab = await openTab(host.invite)
    await tab.join()
    tabs.push(tab)
  }
  await connected(tabs, 2)
  for (const tab of tabs) await seat(host, tab)
  for (const tab of tabs) {
    await tab.until('four vote', (seen) => votersOf(seen).length === 4)
  }
  await decide(host, tabs)

  const [first, second, third] = tabs as [VolunteerTab, VolunteerTab, VolunteerTab]
  const { peerId } = (await first.peek())!
  const { epoch } = await host.get<Voting>('/v1/voting')
  expect(await epochsOfKeys(first.page)).toContain(epoch)
  await first.page.close()
  await decide(host, [second, third])

  // It is the same member, and what it signed in this epoch nobody can tell it.
  await loseVotes(first, host.page)
  const anew = await openTab(host.page, { context: first.context })
  expect((await anew.until('it is back', ({ joined }) => joined)).peerId).toBe(peerId)
  for (const tab of [anew, second, third]) {
    await tab.until('an epoch of new keys', ({ ledger }) => ledger!.epoch === epoch + 1)
    await tab.until('four vote', (seen) => votersOf(seen).length === 4)
  }
  const held = await epochsOfKeys(anew.page)
  expect(held).toContain(epoch + 1)
  expect(held).not.toContain(epoch)
  await second.page.close()
  // Three of four are left, and it is one of them: its vote counts again.
  await decide(host, [anew, third])

  await anew.page.close()
  // By then whatever had its vote before it was closed is final everywhere.
  await expect(third.page.locator('.stalled')).toHaveText(/Nothing can be decided now/, {
    timeout: 60_000,
  })
  const stuck = host.command('invite', 'create', '--uses', '1')
  const height = heightOf((await third.peek())!)
  await third.page.waitForTimeout(12_000)
  expect(heightOf((await third.peek())!)).toBe(height)

  const back = await openTab(host.page, { context: second.context })
  await back.until('it is back', ({ joined }) => joined)
  await third.until('deciding goes on', (seen) => heightOf(seen) > height, 180_000)
  await stuck
  await decide(host, [third, back])
})

/** The proof that a tab hands out, which it has verified itself; an altered byte is found. */
async function expectProven({ page }: VolunteerTab, units: number): Promise<void> {
  const finished = page.locator('.finished')
  await finished.getByRole('button', { name: 'Verify in this tab' }).click()
  await expect(finished.locator('.verification')).toHaveText(
    new RegExp(`^${units} of ${units} units, from \\d volunteers, verified here\\.$`),
  )
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download proof' }).click()
  const proof = new Uint8Array(readFileSync(await (await downloading).path()))
  const verdict = await verifyStudy(proof)
  expect(verdict).toMatchObject({ ok: true, units, final: units })
  for (const share of [0.05, 0.3, 0.6, 0.9]) {
    const altered = proof.slice()
    altered[Math.floor(share * proof.length)]! ^= 1
    expect(await verifyStudy(altered), `${share} of ${proof.length}`).toMatchObject({ ok: false })
  }
}

const stalled = ({ page }: VolunteerTab) => page.locator('.stalled')

test('four tabs decide alone after the relay was killed: they prove a study, put somebody in a liar’s place, do without one that is closed, and wait for one that is cut off', async ({
  relay,
  openTab,
  fastStudy,
}) => {
  const units = 12
  const host = await relay({
    args: ['--study', fastStudy({ units }), '--worker', '0', '--preset', 'test'],
  })
  const scripts = ['', '', '', `globalThis.honest = true;${holdUp};${equivocate}`, holdUp]
  const tabs: VolunteerTab[] = []
  for (const script of scripts) {
    const tab = await openTab(host.invite, { script })
    await tab.join()
    await pause(tab)
    tabs.push(tab)
  }
  await connected(tabs, 4)
  const [first, second, third, liar, standby] = tabs as [
    VolunteerTab,
    VolunteerTab,
    VolunteerTab,
    VolunteerTab,
    VolunteerTab,
  ]
  const four = [first, second, third, liar]
  const peers = await Promise.all(tabs.map(async (tab) => (await tab.peek())!.peerId!))
  await operate(host, 'propose', 'voter', peers[4]!, '--standby')
  await accept(standby)
  for (const tab of four) await seat(host, tab)
  // The relay gives its seat back, so that three of the four tabs are enough.
  await operate(host, 'voter', 'resign')
  await allUntil(tabs, 'four tabs vote', (seen) => {
    const voters = votersOf(seen)
    return voters.length === 4 && !voters.includes(host.peerId)
  })
  await host.kill()
  for (const tab of tabs) await press(tab, 'Resume')
  // What is recorded was decided by tabs alone: nobody else is there.
  await allUntil(tabs, 'recorded by tabs', ({ study }) => study?.state === 'recorded', 240_000)
  await expectProven(first, units)

  const { epoch } = (await first.peek())!.ledger!
  await liar.page.evaluate('globalThis.honest = false')
  await seated(first).report('Something to lie about.')
  await allUntil(
    [first, second, third, standby],
    'who stood by votes in its place',
    (seen) => {
      const voters = votersOf(seen)
      return voters.length === 4 && voters.includes(peers[4]!) && !voters.includes(peers[3]!)
    },
    240_000,
  )
  expect((await first.peek())!.ledger!.epoch).toBe(epoch + 1)

  await third.page.close()
  const left = [first, second, standby]
  const before = heightOf((await first.peek())!)
  await seated(second).report('With one of them closed.')
  await decidedPast(left.map(seated), before)

  await cutOff(standby, liar)
  for (const tab of [first, second]) {
    await expect(stalled(tab)).toHaveText(/Nothing can be decided now: 2 of the 3 voters/)
  }
  const height = heightOf((await first.peek())!)
  await seated(first).report('Two of four cannot decide this.')
  await first.page.waitForTimeout(5_000)
  for (const tab of [first, second]) expect(heightOf((await tab.peek())!)).toBe(height)

  // It has one link, and whoever is at its other end passes on how to find the others.
  await letThrough(standby)
  await decidedPast(left.map(seated), height)
  await allUntil([first, second], 'a direct link again', ({ links }) =>
    links.some(({ peer, kind }) => peer === peers[4] && kind === 'direct'),
  )
  await expect(stalled(first)).toHaveCount(0)
})

/** What happens when somebody clears the data of a site: keys, votes, log, consent. */
async function loseEverything({ context, page }: VolunteerTab): Promise<void> {
  const { origin } = new URL(page.url())
  expect((await readStored(page)).databases).not.toEqual([])
  const session = await context.newCDPSession(page)
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
  // The page sees that its storage is gone, and starts anew.
  await expect(page.getByRole('heading', { name: 'You need an invitation to join' })).toBeVisible()
  expect(await readStored(page)).toEqual(nothingStored)
}

test('a voter whose browser lost everything is a stranger: its seat goes to whom it becomes, by invitation', async ({
  relay,
  openTab,
}) => {
  const host = await relay({ args: ['--study', 'none', '--worker', '0', '--preset', 'test'] })
  const tabs: VolunteerTab[] = []
  for (let index = 0; index < 3; index++) {
    const tab = await openTab(host.invite)
    await tab.join()
    tabs.push(tab)
  }
  await connected(tabs, 2)
  for (const tab of tabs) await seat(host, tab)
  const [lost, ...others] = tabs as [VolunteerTab, VolunteerTab, VolunteerTab]
  for (const tab of tabs) {
    await tab.until('four vote', (seen) => votersOf(seen).length === 4)
  }
  const { peerId: old } = (await lost.peek())!

  await loseEverything(lost)
  await lost.page.goto(host.page)
  await expect(
    lost.page.getByRole('heading', { name: 'You need an invitation to join' }),
  ).toBeVisible()
  // Three of four are a quorum, so the seat can be taken away.
  await decide(host, others)

  const made = await host.command('invite', 'create', '--uses', '1', '--format', 'json')
  const { link } = JSON.parse(made.out).data as { link: string }
  const again = await openTab(link, { context: lost.context })
  const { peerId: fresh } = await again.join()
  expect(fresh).not.toBe(old)
  expect(votersOf((await again.peek())!)).toContain(old)

  const offered = await host.command('propose', 'voter', fresh!, '--standby')
  expect(offered.code, offered.err).toBe(0)
  await accept(again)
  await expect(again.page.getByRole('region', { name: 'Decisions' })).toContainText(
    'You have accepted',
  )
  const { epoch } = await host.get<Voting>('/v1/voting')
  const removed = await host.command('propose', 'remove-voter', old!)
  expect(removed.code, removed.err).toBe(0)
  const now = [...others, again]
  for (const tab of now) {
    await tab.until('the seat has changed hands', (seen) => {
      const voters = votersOf(seen)
      return voters.length === 4 && voters.includes(fresh!) && !voters.includes(old!)
    })
  }
  // One change of voters: at no time did three decide where each of them is needed.
  expect((await host.get<Voting>('/v1/voting')).epoch).toBe(epoch + 1)
  await decide(host, now)
  // And its vote counts: without another one it is needed.
  await others[0]!.page.close()
  await decide(host, [others[1]!, again])
})

test('a voter that leaves and is forgotten gives its seat back first, so that the others still decide', async ({
  relay,
  openTab,
}) => {
  const host = await relay({ args: ['--study', 'none', '--worker', '0', '--preset', 'test'] })
  const tab = await openTab(host.invite)
  await tab.join()
  await seat(host, tab)
  // Of two voters both are needed, also for the change that lets one of them go.
  await tab.until('two vote', (seen) => votersOf(seen).length === 2)
  await expect(tab.page.getByRole('region', { name: 'Decisions' })).toContainText(
    'nothing can be decided without it',
  )
  await tab.page.getByRole('button', { name: 'Leave' }).click()
  await expect(tab.page.getByRole('dialog')).toContainText('You hold a seat')
  await tab.page.getByRole('button', { name: 'Forget me' }).click()
  await expect(tab.page.getByRole('heading', { name: 'You have left' })).toBeVisible()
  await expect
    .poll(async () => (await host.get<Voting>('/v1/voting')).voters.map(({ peer }) => peer))
    .toEqual([host.peerId])
  const made = await host.command('invite', 'create', '--uses', '1')
  expect(made.code, made.err).toBe(0)
})

test('a voter that leaves while the other one is gone is let go, and its key is deleted', async ({
  relay,
  openTab,
}) => {
  const host = await relay({ args: ['--study', 'none', '--worker', '0', '--preset', 'test'] })
  const tab = await openTab(host.invite)
  const { page } = tab
  await tab.join()
  await seat(host, tab)
  await tab.until('two vote', (seen) => votersOf(seen).length === 2)
  await host.kill()

  await page.getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('button', { name: 'Forget me' }).click()
  await expect(page.getByRole('status')).toContainText('Giving your seat back')
  await expect(page.getByRole('heading', { name: 'You have left' })).toBeVisible({
    timeout: 120_000,
  })
  await expect(page.getByRole('main')).toContainText('the key is not on record yet')
  expect(await readStored(page)).toEqual(nothingStored)
  // The only proof that the key is dead, since nobody else has it.
  const downloaded = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download the revocation' }).click()
  expect((await downloaded).suggestedFilename()).toBe('revocation.cbor')
})
