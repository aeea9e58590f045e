/**
 * The way in, in real Chromium and from real strangers: what the page does before Join, every way
 * in which an invitation can be no good, and everything a browser can bring along.
 */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { encode } from '@folkmoot/codec'
import {
  createChecker,
  createSigner,
  decodeInviteFragment,
  type Envelope,
  encodeInviteLink,
  openInvitation,
  type PeerId,
  sealEnvelope,
  sealInvitation,
  sealRedemption,
} from '@folkmoot/identity'
import { nodeRandomness, nodeVerifier, signerFromSeed } from '@folkmoot/storage/node'
import { insecureHost, permissions } from './support/browser-flags.ts'
import { expect, test } from './support/fixtures.ts'
import { freePort } from './support/free-port.ts'
import { startHttpsProxy } from './support/https-proxy.ts'
import { nothingStored, observeTraffic, readStored } from './support/page-traffic.ts'
import { forgetState, type RelayProcess, startRelay } from './support/relay-process.ts'
import { type Stranger, startStranger } from './support/stranger.ts'
import { tinyStudy } from './support/tiny-study.ts'
import type { VolunteerTab } from './support/volunteer-tab.ts'

interface InvitationRow {
  readonly id: string
  readonly uses: number
  readonly used: number
  readonly link: string
}
interface PeerRow {
  readonly peer: string
  readonly member: string
  readonly link: { readonly kind: string } | null
}

/** One relay with a worker serves every test that does not stop it. */
let shared: RelayProcess
const folders: string[] = []
const strangers: Stranger[] = []

async function study(units = 6, quorum = 2): Promise<string> {
  const folder = await tinyStudy({ units, quorum })
  folders.push(folder)
  return folder
}

test.beforeAll(async () => {
  shared = await startRelay({ args: ['--study', await study(4), '--worker', '1'] })
})
test.afterEach(async () => {
  await Promise.all(strangers.splice(0).map((stranger) => stranger.stop()))
})
test.afterAll(async () => {
  await shared.stop()
  forgetState(shared.state)
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function invite(relay: RelayProcess, ...terms: string[]): Promise<InvitationRow> {
  const { code, out, err } = await relay.command('invite', 'create', '--format', 'json', ...terms)
  expect(code, err).toBe(0)
  return JSON.parse(out).data
}

async function openFreshStudy(relay: RelayProcess, units = 6, quorum = 2): Promise<string> {
  const folder = await study(units, quorum)
  const { code, out, err } = await relay.command('study', 'open', folder, '--format', 'json')
  expect(code, err).toBe(0)
  return JSON.parse(out).data.id
}

async function stranger(): Promise<Stranger> {
  const started = await startStranger()
  strangers.push(started)
  return started
}

/** The page refuses in these words, and is no member of anything. */
async function expectRefused(tab: VolunteerTab, words: RegExp, code: string): Promise<void> {
  await expect(tab.page.getByRole('alert')).toContainText(words)
  await expect(tab.page.getByText(code, { exact: true })).toBeVisible()
  // A way out, not only a no.
  await expect(tab.page.getByRole('heading', { name: 'What you can do' })).toBeVisible()
  await expect(tab.page.getByRole('button', { name: 'Join', exact: true })).toHaveCount(0)
  expect((await tab.peek())!.joined).toBe(false)
}

const fragmentOf = (link: string) => link.slice(link.indexOf('#') + 1)

/** The parts of a link; throws where it is none. */
async function opened(link: string) {
  const decoded = decodeInviteFragment(link)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const { invitation: bytes, seed } = decoded
  const checked = await openInvitation(createChecker(nodeVerifier()), bytes)
  if (!checked.ok) throw new Error(checked.fault.message)
  const { invitation, id } = checked
  return { bytes, seed, invitation, id, relay: invitation.relays[0]! }
}

const pageLink = (bytes: Uint8Array, seed: Uint8Array) =>
  encodeInviteLink({ page: `${shared.page}/`, invitation: bytes, seed })

/** The same bytes but one. */
function altered(bytes: Uint8Array, at = 0): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at]! ^= 1
  return copy
}

/** An envelope without a fault, but from somebody whom nobody admitted. */
function envelope(from: PeerId, more: Pick<Envelope, 'kind' | 'capability' | 'body'>): Envelope {
  const now = Date.now()
  return {
    v: 1,
    fed: shared.federation as Envelope['fed'],
    id: nodeRandomness().bytes(16),
    from,
    sent: now,
    deadline: now + 30_000,
    salt: nodeRandomness().bytes(16),
    ...more,
  }
}

async function ledgerBytes(relay: RelayProcess): Promise<Buffer> {
  const { address, token } = JSON.parse(await readFile(join(relay.state, 'admin.json'), 'utf8'))
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(new URL('/v1/ledger/export', address), { headers })
  return Buffer.from(await answer.arrayBuffer())
}

test.describe('before Join', () => {
  test('the page only reads from its own origin, and keeps and makes nothing', async ({
    browser,
    openTab,
  }) => {
    const context = await browser.newContext({ permissions: [...permissions] })
    const traffic = await observeTraffic(context)
    const tab = await openTab(shared.invite, { context })
    const { page } = tab
    await expect(page.getByRole('button', { name: 'Join', exact: true })).toBeVisible()
    // What would be done a moment after the page stands there.
    await page.waitForLoadState('networkidle')
    await page.waitForTimeout(2_000)

    const secret = fragmentOf(shared.invite).slice('join='.length, 60)
    const paths = new Set<string>()
    for (const request of traffic.requests) {
      const url = new URL(request.url())
      const headers = await request.allHeaders()
      expect.soft(url.origin, request.url()).toBe(shared.page)
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
    expect(shown.federation).toBe(shared.federation)
    expect(page.url()).toContain('#join=')

    // The observers see what they should: after Join there is all of it, and the key has left the
    // address, for it must not be found over a shoulder or in the history.
    await tab.join()
    expect(page.url()).toBe(`${shared.page}/`)
    expect(traffic.webSockets.length).toBeGreaterThan(0)
    const deeds = await traffic.deeds(page)
    expect(deeds).toContain('indexedDB.open')
    expect(deeds).toContain('generateKey')
    expect(deeds).toContain('storage.setItem')
    expect((await readStored(page)).databases).toHaveLength(1)
    expect(await context.cookies()).toEqual([])
  })

  test('the page says what it asks for, and the fingerprint of who asks', async ({ openTab }) => {
    const { page } = await openTab(shared.invite)
    for (const term of ['Runs', 'Leaves', 'Never leaves', 'Stop', 'Limits']) {
      await expect(page.getByText(term, { exact: true })).toBeVisible()
    }
    const grouped = shared.federation.slice(0, 16).match(/.{4}/g)!.join(' ')
    await expect(page.getByRole('main').getByText(grouped)).toBeVisible()
    await expect(page.getByText(/has already seen your IP address/)).toBeVisible()
  })

  test('without an invitation the page says that one is needed', async ({ openTab }) => {
    const tab = await openTab(shared.page)
    await expectRefused(tab, /need an invitation/, 'page/no-invitation')
    expect(await readStored(tab.page)).toEqual(nothingStored)
  })

  test('over plain http from another host it refuses before anything is stored', async ({
    browser,
    openTab,
  }) => {
    const context = await browser.newContext()
    const traffic = await observeTraffic(context)
    const elsewhere = shared.invite.replace('127.0.0.1', insecureHost)
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
    const { link } = await invite(shared, '--valid', '1s')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const tab = await openTab(link)
    await expectRefused(tab, /has expired/, 'page/invitation-expired')
  })

  test('expired between opening and Join: refused by the relay', async ({ openTab }) => {
    const { link } = await invite(shared, '--valid', '20s')
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
    const { id, link } = await invite(shared, '--uses', '1')
    const first = await openTab(link)
    await first.join()
    const second = await openTab(link)
    await second.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(second, /used up/, 'page/invitation-used-up')
    expect(await readStored(second.page)).toEqual(nothingStored)
    const rows = await shared.get<InvitationRow[]>('/v1/invitations')
    expect(rows.find((row) => row.id === id)).toMatchObject({ uses: 1, used: 1 })
  })

  test('withdrawn: refused, and whoever joined by it before stays', async ({ openTab }) => {
    const { id, link } = await invite(shared)
    const before = await openTab(link)
    const { peerId } = await before.join()
    expect((await shared.command('invite', 'revoke', id)).code).toBe(0)
    const tab = await openTab(link)
    await tab.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(tab, /withdrawn/, 'page/invitation-withdrawn')
    expect(await readStored(tab.page)).toEqual(nothingStored)
    await before.page.reload()
    expect(await before.until('joined again', ({ joined }) => joined)).toMatchObject({ peerId })
  })

  test('with one byte altered: refused as forged', async ({ openTab }) => {
    const { bytes, seed } = await opened(shared.invite)
    // In the text, in the signer's key, in the signature.
    for (const at of [40, bytes.length - 80, bytes.length - 10]) {
      const tab = await openTab(pageLink(altered(bytes, at), seed))
      await expectRefused(tab, /not signed by its federation/, 'page/invitation-forged')
      expect(await readStored(tab.page)).toEqual(nothingStored)
      await tab.close()
    }
  })

  test('with another seed: the relay refuses it', async ({ openTab }) => {
    const { bytes, seed } = await opened(shared.invite)
    const tab = await openTab(pageLink(bytes, altered(seed)))
    await tab.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(tab, /not signed by its federation/, 'page/invitation-forged')
    expect(await readStored(tab.page)).toEqual(nothingStored)
  })

  test('signed by a key that may not invite: refused by page and by relay', async ({ openTab }) => {
    const genuine = await opened(shared.invite)
    const forger = createSigner(await signerFromSeed(nodeRandomness().bytes(32)))
    const seed = nodeRandomness().bytes(32)
    const key = createSigner(await signerFromSeed(seed))
    const forged = await sealInvitation(forger, { ...genuine.invitation, key: key.publicKey })
    const link = pageLink(forged, seed)
    const tab = await openTab(link)
    await expectRefused(tab, /not signed by its federation/, 'page/invitation-forged')
    expect(await readStored(tab.page)).toEqual(nothingStored)

    const { signer, askToJoin, transport } = await stranger()
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
    const tab = await openTab(shared.invite.slice(0, -20))
    await expectRefused(tab, /not signed by its federation/, 'page/invitation-forged')
  })

  test('refused once does not stand in the way of a good link in the same browser', async ({
    openTab,
  }) => {
    const { link: good } = await invite(shared)
    const { bytes, seed } = await opened(shared.invite)
    const refused = await openTab(pageLink(bytes, altered(seed)))
    await refused.page.getByRole('button', { name: 'Join', exact: true }).click()
    await expectRefused(refused, /not signed by its federation/, 'page/invitation-forged')
    const tab = await openTab(good, { context: refused.context })
    expect(await tab.join()).toMatchObject({ leader: true })
  })
})

test.describe('a stranger', () => {
  test('without an invitation may say who it is and ask, and nothing else', async ({ openTab }) => {
    const { relay: address } = await opened(shared.invite)
    const { transport, ask, askToJoin, signer } = await stranger()
    const topic = `/folkmoot/1/${shared.federation}/presence`
    const heard: string[] = []
    transport.subscribe(topic, {
      maxBytes: 4_096,
      validate: async (_bytes, forwarder) => {
        heard.push(forwarder)
        return 'accept'
      },
      deliver: () => {},
    })
    const relay = await transport.dial(address)
    expect(relay).toBe(shared.peerId)

    expect(await askToJoin(relay, null)).toEqual({ ok: false, code: 'federation/not-invited' })
    // The first frame of a call is a receipt: it has none, none that is genuine, then goes ahead.
    for (const first of [new Uint8Array(), new Uint8Array([0x80]), nodeRandomness().bytes(300)]) {
      const call = await sealEnvelope(signer, {
        ...envelope(signer.peer, {
          kind: 'call',
          capability: 'ledger.entries',
          body: encode({ from: 1 }),
        }),
        to: relay,
      })
      const answer = await ask(relay, '/folkmoot/call/1', [first, call])
      // The relay's own first frame at the most, which is as empty as a founder's is.
      expect(answer.frames.filter((frame) => frame.length > 0)).toEqual([])
      expect(answer.ended).not.toBe('silence')
    }
    const member = await openTab(shared.invite)
    await member.join()
    for (const protocol of [
      '/folkmoot/sync/1',
      '/libp2p/circuit/relay/0.2.0/hop',
      '/meshsub/1.2.0',
      '/webrtc-signaling/0.0.1',
    ]) {
      const answer = await ask(relay, protocol, [encode({ any: 'thing' })])
      expect(answer.frames, protocol).toEqual([])
      expect(answer.ended, protocol).not.toBe('silence')
    }

    // Its gossip goes nowhere, however well it is made: nobody lists it, and nobody tells it a thing.
    for (let round = 0; round < 5; round++) {
      const presence = encode({
        v: 1,
        incarnation: Date.now(),
        nickname: 'intruder',
        role: 'member',
        addrs: [],
        state: 'here',
        worker: true,
        protocol: 1,
      })
      const record = envelope(signer.peer, {
        kind: 'record',
        capability: 'membership.presence',
        body: encode({ kind: 'here', presence }),
      })
      await transport.publish(topic, await sealEnvelope(signer, record))
      await member.page.waitForTimeout(500)
    }
    await member.page.reload()
    await member.until('joined again', ({ joined }) => joined)
    const rows = await shared.get<PeerRow[]>('/v1/peers')
    expect(rows.map(({ peer }) => peer)).not.toContain(signer.peer)
    await expect(member.page.getByRole('region', { name: 'Peers' })).not.toContainText('intruder')
    expect(heard).toEqual([])
  })

  test('that has no standing is hung up on', async ({ relay }) => {
    // The preset `test` waits for strangers a third as long.
    const own = await relay({ args: ['--preset', 'test', '--study', 'none', '--worker', '0'] })
    const { transport } = await stranger()
    await transport.dial((await opened(own.invite)).relay)
    expect(transport.links()).toHaveLength(1)
    await expect.poll(() => transport.links().length, { timeout: 120_000 }).toBe(0)
  })

  test('cannot use a redemption that it saw', async () => {
    const { id, link } = await invite(shared, '--uses', '2')
    const { bytes, seed, invitation, relay: address } = await opened(link)
    const key = createSigner(await signerFromSeed(seed))
    const invited = await stranger()
    const thief = await stranger()
    const redemption = await sealRedemption(key, {
      invitation: id,
      fed: invitation.fed as Envelope['fed'],
      peer: invited.signer.peer,
    })
    const used = async () => {
      const rows = await shared.get<InvitationRow[]>('/v1/invitations')
      return rows.find((row) => row.id === id)?.used
    }

    const relay = await thief.transport.dial(address)
    await invited.transport.dial(address)
    const stolen = { invitation: bytes, redemption }
    const refused = { ok: false, code: 'federation/invitation-forged' }
    // Before its owner has used it, and after.
    expect(await thief.askToJoin(relay, stolen)).toEqual(refused)
    expect(await used()).toBe(0)
    expect(await invited.askToJoin(relay, stolen)).toEqual({ ok: true, code: '' })
    // It stands on the ledger, for every member to read.
    expect((await ledgerBytes(shared)).includes(Buffer.from(redemption))).toBe(true)
    expect(await thief.askToJoin(relay, stolen)).toEqual(refused)
    expect(await used()).toBe(1)
    // Its owner tries again, and no second use is spent.
    expect(await invited.askToJoin(relay, stolen)).toEqual({ ok: true, code: '' })
    expect(await used()).toBe(1)
    const rows = await shared.get<PeerRow[]>('/v1/peers')
    expect(rows.map(({ peer }) => peer)).toContain(invited.signer.peer)
    expect(rows.map(({ peer }) => peer)).not.toContain(thief.signer.peer)
  })
})

test.describe('what a browser brings along', () => {
  test('without WebRTC it joins relayed, says so, computes and hears', async ({ openTab }) => {
    const study = await openFreshStudy(shared, 12)
    const without = await openTab(shared.invite, { webrtc: false })
    const { peerId } = await without.join()
    await expect(without.page.getByText('No direct connections')).toBeVisible()
    const other = await openTab(shared.invite)
    const { peerId: otherId } = await other.join()

    const kindOf = (links: readonly { peer: string; kind: string }[], peer: string | null) =>
      links.find((link) => link.peer === peer)?.kind
    await without.until('a relayed link', ({ links }) => kindOf(links, otherId) === 'relayed')
    await other.until('a relayed link', ({ links }) => kindOf(links, peerId) === 'relayed')
    expect((await without.peek())!.links.some(({ kind }) => kind === 'direct')).toBe(false)

    // It hears gossip: the other's presence, and results that are not its own.
    await expect(without.page.getByRole('region', { name: 'Peers' })).toContainText(
      otherId!.slice(-4),
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
      const id = await openFreshStudy(shared)
      const tab = await openTab(shared.invite, { clockOffsetMs: hours * 3_600_000 })
      const { peerId } = await tab.join()
      await expect(tab.page.getByText(/clock is (59|60|61) min off/)).toBeVisible()
      const seen = await tab.until('the study is recorded', ({ study }) => {
        return study?.id === id && study.state === 'recorded'
      })
      // Two of two must agree: the relay's worker cannot have finished it alone.
      expect(seen.study!.mine).toBe(6)
      const about = await shared.get<{ unitStates: { supporters: string[] }[] }>(
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
    const id = await openFreshStudy(shared, 8, 3)
    const context = await browser.newContext({ permissions: [...permissions] })
    const traffic = await observeTraffic(context)
    const first = await openTab(shared.invite, { context })
    const { peerId, leader } = await first.join()
    expect(leader).toBe(true)
    const members = (await shared.get<PeerRow[]>('/v1/peers')).length

    const second = await openTab(shared.invite, { context })
    const mirrored = await second.until('it mirrors', ({ joined }) => joined)
    expect(mirrored).toMatchObject({ peerId, leader: false })
    await expect(second.page.getByText('Another tab of this browser is working')).toBeVisible()
    // The key is in its address no longer than in the first one's.
    await expect(second.page).toHaveURL(`${shared.page}/`)
    // One key, one peer: the second neither connects nor opens the database, and signs nothing.
    // (libp2p makes a key when it is loaded, to learn whether the browser can.)
    expect(await shared.get<PeerRow[]>('/v1/peers')).toHaveLength(members)
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
      return links.some(({ peer }) => peer === shared.peerId)
    })
    expect(await shared.get<PeerRow[]>('/v1/peers')).toHaveLength(members)
    const third = await openTab(shared.invite)
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
    const tab = await openTab(shared.invite)
    const { page } = tab
    const { peerId } = await tab.join()
    const mirror = await openTab(shared.page, { context: tab.context })
    await mirror.until('it mirrors', ({ joined }) => joined)
    expect((await readStored(page)).databases).toHaveLength(1)

    await page.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('button', { name: 'Forget me' }).click()
    await expect(page.getByRole('heading', { name: 'You have left' })).toBeVisible()
    const stays = page.getByRole('list')
    for (const what of ['Your peer id', 'final result', 'Ledger entries', 'Hashes']) {
      await expect(stays).toContainText(what)
    }
    await expect(stays).toContainText(peerId!.slice(-4))
    expect(await readStored(page)).toEqual(nothingStored)
    expect((await tab.peek())!.joined).toBe(false)
    await expect(mirror.page.getByRole('heading', { name: 'You have left' })).toBeVisible()

    const row = (await shared.get<PeerRow[]>('/v1/peers')).find(({ peer }) => peer === peerId)
    expect(row).toMatchObject({ member: 'revoked', link: null })

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
    const again = await openTab(shared.invite, { context: tab.context })
    expect((await again.join()).peerId).not.toBe(peerId)
    expect([...tab.errors, ...mirror.errors, ...again.errors]).toEqual([])
  })
})

test('a relay that stops before Join is said to be out of reach', async ({ relay, openTab }) => {
  const own = await relay({ args: ['--study', await study(), '--worker', '0'] })
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
        await study(),
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
