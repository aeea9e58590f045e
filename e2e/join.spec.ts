/**
 * The way in, in real Chromium: what the page does before Join, and every way in which an
 * invitation can be no good.
 */
import { createSigner, type Envelope, sealInvitation, sealRedemption } from '@folkmoot/identity'
import { nodeRandomness, signerFromSeed } from '@folkmoot/storage/node'
import { insecureHost, permissions } from './support/browser-flags.ts'
import { expect, test } from './support/fixtures.ts'
import { nothingStored, observeTraffic, readStored } from './support/page-traffic.ts'
import {
  altered,
  expectRefused,
  fragmentOf,
  hostForFile,
  type InvitationRow,
  opened,
} from './support/way-in.ts'

const host = hostForFile()

test.describe('before Join', () => {
  test('the page only reads from its own origin, and keeps and makes nothing', async ({
    browser,
    openTab,
  }) => {
    const context = await browser.newContext({ permissions: [...permissions] })
    const traffic = await observeTraffic(context)
    const tab = await openTab(host.relay.invite, { context })
    const { page } = tab
    await expect(page.getByRole('button', { name: 'Join', exact: true })).toBeVisible()
    // What would be done a moment after the page stands there.
    await page.waitForLoadState('networkidle')
    await page.waitForTimeout(2_000)

    const secret = fragmentOf(host.relay.invite).slice('join='.length, 60)
    const paths = new Set<string>()
    for (const request of traffic.requests) {
      const url = new URL(request.url())
      const headers = await request.allHeaders()
      expect.soft(url.origin, request.url()).toBe(host.relay.page)
      expect.soft(request.method(), request.url()).toBe('GET')
      expect.soft(url.pathname).toMatch(/^\/($|charter$|studies$|favicon\.ico$|assets\/)/)
      expect.soft(url.search).toBe('')
      expect.soft(Object.keys(headers)).not.toContain('cookie')
      expect.soft(Object.keys(headers)).not.toContain('authorization')
      expect.soft(JSON.stringify(headers)).not.toContain(secret)
      paths.add(url.pathname)
    }
    expect([...paths]).toEqual(expect.arrayContaining(['/', '/charter', '/studies']))
    expect(traffic.webSockets).toEqual([])
    expect(await traffic.deeds(page)).toEqual([])
    expect(await readStored(page)).toEqual(nothingStored)
    expect(await context.cookies()).toEqual([])
    const shown = (await tab.peek())!
    expect(shown.peerId).toBeNull()
    expect(shown.federation).toBe(host.relay.federation)
    expect(page.url()).toContain('#join=')

    // The observers see what they should: after Join there is all of it, and the key has left the
    // address, for it must not be found over a shoulder or in the history.
    await tab.join()
    expect(page.url()).toBe(`${host.relay.page}/`)
    expect(traffic.webSockets.length).toBeGreaterThan(0)
    const deeds = await traffic.deeds(page)
    expect(deeds).toContain('indexedDB.open')
    expect(deeds).toContain('generateKey')
    expect(deeds).toContain('storage.setItem')
    expect((await readStored(page)).databases).toHaveLength(1)
    expect(await context.cookies()).toEqual([])
  })

  test('the page says what it asks for, and the fingerprint of who asks', async ({ openTab }) => {
    const { page } = await openTab(host.relay.invite)
    for (const term of ['Runs', 'Leaves', 'Never leaves', 'Stop', 'Limits']) {
      await expect(page.getByText(term, { exact: true })).toBeVisible()
    }
    const grouped = host.relay.federation.slice(0, 16).match(/.{4}/g)!.join(' ')
    await expect(page.getByRole('main').getByText(grouped)).toBeVisible()
    await expect(page.getByText(/has already seen your IP address/)).toBeVisible()
  })

  test('without an invitation the page says that one is needed', async ({ openTab }) => {
    const tab = await openTab(host.relay.page)
    await expectRefused(tab, /need an invitation/, 'page/no-invitation')
    expect(await readStored(tab.page)).toEqual(nothingStored)
  })

  test('over plain http from another host it refuses before anything is stored', async ({
    browser,
    openTab,
  }) => {
    const context = await browser.newContext()
    const traffic = await observeTraffic(context)
    const elsewhere = host.relay.invite.replace('127.0.0.1', insecureHost)
    const tab = await openTab(elsewhere, { context })
    expect(await tab.page.evaluate(() => isSecureContext)).toBe(false)
    await expectRefused(tab, /not safe to join from/, 'page/insecure-context')
    await expect(tab.page.getByRole('alert')).toContainText('plain http')
    await expect(tab.page.getByText(/starts with https/)).toBeVisible()
    expect(traffic.webSockets).toEqual([])
    expect(await traffic.deeds(tab.page)).toEqual([])
    expect(await readStored(tab.page)).toEqual(nothingStored)
    expect(await context.cookies()).toEqual([])
  })
})

test.describe('an invitation that is no good', () => {
  test('expired: refused before Join', async ({ openTab }) => {
    const { link } = await host.invite('--valid', '1s')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const tab = await openTab(link)
    await expectRefused(tab, /has expired/, 'page/invitation-expired')
  })

  test('expired between opening and Join: refused by the relay', async ({ openTab }) => {
    const { link } = await host.invite('--valid', '20s')
    const { invitation } = await opened(link)
    const tab = await openTab(link)
    const join = tab.page.getByRole('button', { name: 'Join', exact: true })
    await expect(join).toBeVisible()
    await tab.page.waitForTimeout(Math.max(0, invitation.expires - Date.now()) + 500)
    await join.click()
    await expectRefused(tab, /has expired/, 'page/invitation-expired')
    expect(await readStored(tab.page)).toEqual(nothingStored)
  })

  test('used up: refused, and leaves no key behind', async ({ openTab }) => {
    const { id, link } = await host.invite('--uses', '1')
    const first = await openTab(link)
    await first.join()
    const second = await openTab(link)
    await second.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(second, /used up/, 'page/invitation-used-up')
    expect(await readStored(second.page)).toEqual(nothingStored)
    const rows = await host.relay.get<InvitationRow[]>('/v1/invitations')
    expect(rows.find((row) => row.id === id)).toMatchObject({ uses: 1, used: 1 })
  })

  test('withdrawn: refused, and whoever joined by it before stays', async ({ openTab }) => {
    const { id, link } = await host.invite()
    const before = await openTab(link)
    const { peerId } = await before.join()
    expect((await host.relay.command('invite', 'revoke', id)).code).toBe(0)
    const tab = await openTab(link)
    await tab.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(tab, /withdrawn/, 'page/invitation-withdrawn')
    expect(await readStored(tab.page)).toEqual(nothingStored)
    await before.page.reload()
    expect(await before.until('joined again', ({ joined }) => joined)).toMatchObject({ peerId })
  })

  test('with one byte altered: refused as forged', async ({ openTab }) => {
    const { bytes, seed } = await opened(host.relay.invite)
    // In the text, in the signer's key, in the signature.
    for (const at of [40, bytes.length - 80, bytes.length - 10]) {
      const tab = await openTab(host.pageLink(altered(bytes, at), seed))
      await expectRefused(tab, /not signed by its federation/, 'page/invitation-forged')
      expect(await readStored(tab.page)).toEqual(nothingStored)
      await tab.close()
    }
  })

  test('with another seed: the relay refuses it', async ({ openTab }) => {
    const { bytes, seed } = await opened(host.relay.invite)
    const tab = await openTab(host.pageLink(bytes, altered(seed)))
    await tab.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(tab, /not signed by its federation/, 'page/invitation-forged')
    expect(await readStored(tab.page)).toEqual(nothingStored)
  })

  test('signed by a key that may not invite: named by the page, refused by the relay', async ({
    openTab,
  }) => {
    const genuine = await opened(host.relay.invite)
    const forger = createSigner(await signerFromSeed(nodeRandomness().bytes(32)))
    const seed = nodeRandomness().bytes(32)
    const key = createSigner(await signerFromSeed(seed))
    const forged = await sealInvitation(forger, { ...genuine.invitation, key: key.publicKey })
    const link = host.pageLink(forged, seed)
    const tab = await openTab(link)
    // Members may be allowed to invite: the page says who did, and the relay knows whether it may.
    await expect(tab.page.getByRole('main')).toContainText(
      `Invited by the member …${forger.peer.slice(-6)}`,
    )
    await tab.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(tab, /not signed by its federation/, 'page/invitation-forged')
    expect(await readStored(tab.page)).toEqual(nothingStored)

    const { signer, askToJoin, transport } = await host.stranger()
    const relay = await transport.dial(genuine.relay)
    const redemption = await sealRedemption(key, {
      invitation: (await opened(link)).id,
      fed: genuine.invitation.fed as Envelope['fed'],
      peer: signer.peer,
    })
    expect(await askToJoin(relay, { invitation: forged, redemption })).toEqual({
      ok: false,
      code: 'federation/invitation-forged',
    })
  })

  test('a link that is cut off: refused', async ({ openTab }) => {
    const tab = await openTab(host.relay.invite.slice(0, -20))
    await expectRefused(tab, /not signed by its federation/, 'page/invitation-forged')
  })

  test('refused once does not stand in the way of a good link in the same browser', async ({
    openTab,
  }) => {
    const { link: good } = await host.invite()
    const { bytes, seed } = await opened(host.relay.invite)
    const refused = await openTab(host.pageLink(bytes, altered(seed)))
    await refused.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(refused, /not signed by its federation/, 'page/invitation-forged')
    const tab = await openTab(good, { context: refused.context })
    expect(await tab.join()).toMatchObject({ leader: true })
  })
})

test('a relay that stops before Join is said to be out of reach', async ({ relay, openTab }) => {
  const own = await relay({ args: ['--study', await host.study(), '--worker', '0'] })
  const tab = await openTab(own.invite)
  const { page } = tab
  await expect(page.getByRole('button', { name: 'Join', exact: true })).toBeVisible()
  // Somebody else's browser has the rest of the page in its cache already.
  const cached = await openTab(own.invite)
  await cached.join()
  await cached.page.getByRole('button', { name: 'Leave' }).click()
  await cached.page.getByRole('button', { name: 'Forget me' }).click()
  await expect(cached.page.getByRole('heading', { name: 'You have left' })).toBeVisible()
  await cached.page.goto('about:blank')
  await cached.page.goto(own.invite)
  await expect(cached.page.getByRole('button', { name: 'Join', exact: true })).toBeVisible()

  expect(await own.stop()).toBe(130)
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await expectRefused(tab, /relay does not answer/, 'page/relay-unreachable')
  expect(await readStored(page)).toEqual(nothingStored)

  await cached.page.getByRole('button', { name: 'Join', exact: true }).click()
  await expect(cached.page.getByText(/relay does not answer/)).toBeVisible()
  expect((await cached.peek())!.joined).toBe(false)
  // It keeps trying, and gets there when the relay is back.
  const back = await own.restart()
  expect(back.page).toBe(own.page)
  await cached.until('joined', ({ joined }) => joined)

  await page.reload()
  await tab.join()
})
