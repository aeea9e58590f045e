/**
 * What a browser brings along: no WebRTC, a wrong clock, a second tab of the same profile, a public
 * https address in between, and whoever leaves and wants to be forgotten.
 */
import { readFile } from 'node:fs/promises'
import { permissions } from './support/browser-flags.ts'
import { expect, test } from './support/fixtures.ts'
import { freePort } from './support/free-port.ts'
import { startHttpsProxy } from './support/https-proxy.ts'
import { nothingStored, observeTraffic, readStored } from './support/page-traffic.ts'
import type { VolunteerTab } from './support/volunteer-tab.ts'
import { hostForFile, opened, type PeerRow } from './support/way-in.ts'

const host = hostForFile()

test.describe('what a browser brings along', () => {
  test('without WebRTC it joins relayed, says so, computes and hears', async ({ openTab }) => {
    const study = await host.openStudy(12)
    const without = await openTab(host.relay.invite, { webrtc: false })
    const { peerId } = await without.join()
    await expect(without.page.getByText('No direct connections')).toBeVisible()
    const other = await openTab(host.relay.invite)
    const { peerId: otherId } = await other.join()

    const kindOf = (links: readonly { peer: string; kind: string }[], peer: string | null) =>
      links.find((link) => link.peer === peer)?.kind
    await without.until('a relayed link', ({ links }) => kindOf(links, otherId) === 'relayed')
    await other.until('a relayed link', ({ links }) => kindOf(links, peerId) === 'relayed')
    expect((await without.peek())!.links.some(({ kind }) => kind === 'direct')).toBe(false)

    // It hears gossip: the other's presence, and results that are not its own.
    await expect(without.page.getByRole('region', { name: 'Peers' })).toContainText(
      otherId!.slice(-6),
    )
    const seen = await without.until('the study is recorded', (peek) => {
      return peek.study?.id === study && peek.study.state === 'recorded'
    })
    expect(seen.study!.done).toBe(12)
    expect(seen.study!.mine).toBeGreaterThan(0)
    expect(without.errors).toEqual([])
  })

  for (const [words, hours] of [
    ['ahead', 1],
    ['behind', -1],
  ] as const) {
    test(`a clock an hour ${words}: says so, joins, and its results count`, async ({ openTab }) => {
      const id = await host.openStudy()
      const tab = await openTab(host.relay.invite, { clockOffsetMs: hours * 3_600_000 })
      const { peerId } = await tab.join()
      await expect(tab.page.getByText(/clock is (59|60|61) min off/)).toBeVisible()
      const seen = await tab.until('the study is recorded', ({ study }) => {
        return study?.id === id && study.state === 'recorded'
      })
      // Two of two must agree: the relay's worker cannot have finished it alone.
      expect(seen.study!.mine).toBe(6)
      const about = await host.relay.get<{ unitStates: { supporters: string[] }[] }>(
        `/v1/studies/${id}`,
      )
      for (const { supporters } of about.unitStates) expect(supporters).toContain(peerId)
      expect(tab.errors).toEqual([])
    })
  }

  test('two tabs of one profile are one peer, and the second takes over', async ({
    browser,
    openTab,
  }) => {
    // The relay's worker and one browser are not enough: it stays open until a third comes.
    const id = await host.openStudy(8, 3)
    const context = await browser.newContext({ permissions: [...permissions] })
    const traffic = await observeTraffic(context)
    const first = await openTab(host.relay.invite, { context })
    const { peerId, leader } = await first.join()
    expect(leader).toBe(true)
    const members = (await host.relay.get<PeerRow[]>('/v1/peers')).length

    const second = await openTab(host.relay.invite, { context })
    const mirrored = await second.until('it mirrors', ({ joined }) => joined)
    expect(mirrored).toMatchObject({ peerId, leader: false })
    await expect(second.page.getByText('Another tab of this browser is working')).toBeVisible()
    // The key is in its address no longer than in the first one's.
    await expect(second.page).toHaveURL(`${host.relay.page}/`)
    // One key, one peer: the second neither connects nor opens the database, and signs nothing.
    // (libp2p makes a key when it is loaded, to learn whether the browser can.)
    expect(await host.relay.get<PeerRow[]>('/v1/peers')).toHaveLength(members)
    expect(await traffic.deeds(first.page)).toContain('WebSocket')
    const deeds = new Set(await traffic.deeds(second.page))
    expect(deeds).toEqual(new Set(['BroadcastChannel', 'generateKey']))

    // What the mirror is told, the leader does; what the leader shows, the mirror shows.
    await second.page.getByRole('button', { name: 'Pause' }).click()
    await first.until('it pauses', ({ paused }) => paused?.reason === 'you-paused')
    await second.until('it shows that', ({ paused }) => paused?.reason === 'you-paused')
    await second.page.getByRole('button', { name: 'Resume' }).click()
    await first.until('it goes on', ({ paused }) => paused?.reason !== 'you-paused')

    await first.page.close()
    const taken = await second.until('it leads', (peek) => peek.leader && peek.joined)
    expect(taken.peerId).toBe(peerId)
    await expect(second.page.getByText('Another tab of this browser is working')).toBeHidden()
    await second.until('a link to the relay', ({ links }) => {
      return links.some(({ peer }) => peer === host.relay.peerId)
    })
    expect(await host.relay.get<PeerRow[]>('/v1/peers')).toHaveLength(members)
    const third = await openTab(host.relay.invite)
    await third.join()
    const seen = await second.until('the study is recorded', ({ study }) => {
      return study?.id === id && study.state === 'recorded'
    })
    expect(seen.study!.mine).toBe(8)
    expect(second.errors).toEqual([])
  })

  test('leave and forget me: nothing stays here, and the page says what stays elsewhere', async ({
    openTab,
  }) => {
    const tab = await openTab(host.relay.invite)
    const { page } = tab
    const { peerId } = await tab.join()
    const mirror = await openTab(host.relay.page, { context: tab.context })
    await mirror.until('it mirrors', ({ joined }) => joined)
    expect((await readStored(page)).databases).toHaveLength(1)

    await page.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('button', { name: 'Forget me' }).click()
    await expect(page.getByRole('heading', { name: 'You have left' })).toBeVisible()
    const stays = page.getByRole('list')
    for (const what of ['Your peer id', 'final result', 'Ledger entries', 'Hashes']) {
      await expect(stays).toContainText(what)
    }
    await expect(stays).toContainText(peerId!.slice(-6))
    expect(await readStored(page)).toEqual(nothingStored)
    expect((await tab.peek())!.joined).toBe(false)
    await expect(mirror.page.getByRole('heading', { name: 'You have left' })).toBeVisible()

    const row = async () =>
      (await host.relay.get<PeerRow[]>('/v1/peers')).find(({ peer }) => peer === peerId)
    // The relay hears of the revocation before the link is gone.
    await expect.poll(row).toMatchObject({ member: 'revoked', link: null })

    // The proof that the key is dead can still be had, though the key is not.
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the revocation' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('revocation.cbor')
    expect(Buffer.from(await readFile(await download.path())).includes(peerId!)).toBe(true)

    // A mirror does not join again by itself when the tab that led is gone, and has the proof too.
    await page.close()
    await mirror.page.waitForTimeout(3_000)
    await expect(mirror.page.getByRole('heading', { name: 'You have left' })).toBeVisible()
    expect(await readStored(mirror.page)).toEqual(nothingStored)
    await Promise.all([
      mirror.page.waitForEvent('download'),
      mirror.page.getByRole('button', { name: 'Download the revocation' }).click(),
    ])

    // Whoever comes back is somebody new.
    const again = await openTab(host.relay.invite, { context: tab.context })
    expect((await again.join()).peerId).not.toBe(peerId)
    expect([...tab.errors, ...mirror.errors, ...again.errors]).toEqual([])
  })
})

test('behind a public https address: page, wss, joining, and a study', async ({
  browser,
  relay,
  openTab,
}) => {
  const port = await freePort()
  const proxy = await startHttpsProxy(port)
  try {
    const own = await relay({
      args: [
        '--public',
        proxy.origin,
        '--port',
        `${port}`,
        '--study',
        await host.study(),
        '--worker',
        '0',
      ],
    })
    expect(own.page).toBe(proxy.origin)
    expect(own.invite.startsWith(`${proxy.origin}/#join=`)).toBe(true)
    const { invitation } = await opened(own.invite)
    expect(invitation.relays).toEqual([
      `/dns4/localhost/tcp/${new URL(proxy.origin).port}/tls/ws/p2p/${own.peerId}`,
    ])
    const status = await own.get<{ federation: { preset: string } }>('/v1/status')
    expect(status.federation.preset).toBe('production')

    const tabs: VolunteerTab[] = []
    const sockets: string[] = []
    for (let at = 0; at < 2; at++) {
      const context = await browser.newContext({
        permissions: [...permissions],
        ignoreHTTPSErrors: true,
      })
      const traffic = await observeTraffic(context)
      const tab = await openTab(own.invite, { context })
      await tab.join()
      sockets.push(...traffic.webSockets)
      tabs.push(tab)
    }
    expect(new Set(sockets.map((url) => new URL(url).origin))).toEqual(
      new Set([proxy.origin.replace('https', 'wss')]),
    )
    expect(proxy.upgrades.length).toBeGreaterThanOrEqual(2)
    for (const tab of tabs) {
      await tab.until('a direct link', ({ links }) => links.some(({ kind }) => kind === 'direct'))
      const seen = await tab.until('the study is recorded', (peek) => {
        return peek.study?.state === 'recorded'
      })
      expect(seen.study!.mine).toBeGreaterThan(0)
      expect(tab.errors).toEqual([])
    }
    for (const tab of tabs) await tab.close()
  } finally {
    await proxy.close()
  }
})
