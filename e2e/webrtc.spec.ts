/**
 * The transport in real Chromium: direct links, their life without the relay, and their return.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { build } from 'vite'
import type { PeerId } from '../packages/identity/src/index.ts'
import {
  encodeHopConnect,
  HOP_PROTOCOL,
} from '../packages/transport/src/signalling/circuit-messages.ts'
import { trimPage } from '../scripts/page-trims/trim-page.ts'
import type { Tab } from './webrtc-page/tab.ts'

declare global {
  interface Window {
    tab: Tab
  }
}

const here = import.meta.dirname
let folder: string
let port: number
let relay: ChildProcess
let address: string
let contexts: BrowserContext[] = []

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return free
}

async function startRelay(): Promise<void> {
  relay = spawn(process.execPath, [join(here, 'webrtc-page/relay.ts'), String(port), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: relay.stdout! })) {
    if (line.startsWith('{')) {
      address = (JSON.parse(line) as { addresses: string[] }).addresses[0]!
      return
    }
  }
  throw new Error('the relay did not start')
}

async function killRelay(): Promise<void> {
  relay.kill('SIGKILL')
  await once(relay, 'exit')
}

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-tab-'))
  await build({
    root: join(here, 'webrtc-page'),
    configFile: false,
    logLevel: 'error',
    // The transport as the page has it.
    plugins: [trimPage({ expectAll: false })],
    build: { outDir: folder, emptyOutDir: true, target: 'es2024', minify: false },
  })
  port = await freePort()
})
test.afterAll(() => rm(folder, { recursive: true, force: true }))
test.beforeEach(startRelay)
test.afterEach(async () => {
  for (const context of contexts) await context.close()
  contexts = []
  if (relay.exitCode === null && relay.signalCode === null) await killRelay()
})

test.use({ permissions: ['microphone'] })

interface Opened {
  readonly page: Page
  readonly peer: string
}

test('two tabs hold a direct link that outlives the relay, and reserve again when it returns', async ({
  browser,
}) => {
  const [a, b] = await openTabs(browser, 2)
  await introduce([a!, b!])
  await expectDirect(a!, [b!])
  await expectGossip(a!, [b!], 'with the relay')

  await killRelay()
  await expect.poll(() => kinds(a!.page), { timeout: 30_000 }).toEqual(['direct'])
  await expectGossip(b!, [a!], 'without the relay')
  await a!.page.evaluate((peer) => window.tab.ask(peer, 'are you there'), b!.peer)
  await expect.poll(() => heard(a!.page)).toContain('answer are you there')

  await startRelay()
  for (const { page } of [a!, b!]) {
    await expect.poll(() => page.evaluate(() => window.tab.addresses().length)).toBeGreaterThan(0)
  }
  // Someone new finds them through the returned relay.
  const [c] = await openTabs(browser, 1)
  await introduce([a!, b!, c!])
  await expectDirect(c!, [a!, b!])
  await expectGossip(c!, [a!, b!], 'after the relay')
})

test('a tab that reloads with the same key is linked again', async ({ browser }) => {
  const [a, b] = await openTabs(browser, 2, { keep: 'key' })
  await introduce([a!, b!])
  await expectDirect(a!, [b!])
  await b!.page.reload()
  const peer = await b!.page.evaluate(
    (relays) => window.tab.start(relays, { keep: 'key' }),
    [address],
  )
  expect(peer).toBe(b!.peer)
  await introduce([a!, b!])
  await expectDirect(b!, [a!])
  await expectGossip(a!, [b!], 'after the reload')
  await a!.page.evaluate((to) => window.tab.ask(to, 'again'), b!.peer)
  await expect.poll(() => heard(a!.page)).toContain('answer again')
})

test('a tab without WebRTC takes part through the relay', async ({ browser }) => {
  const [a, b] = await openTabs(browser, 2, { webrtc: false })
  await introduce([a!, b!])
  await expectGossip(a!, [b!], 'through the relay')
  await a!.page.evaluate((to) => window.tab.ask(to, 'relayed'), b!.peer)
  await expect.poll(() => heard(a!.page)).toContain('answer relayed')
  expect(await kinds(a!.page)).toEqual(['relayed', 'websocket'])
})

test('six tabs link every pair directly', async ({ browser }) => {
  const tabs = await openTabs(browser, 6)
  await introduce(tabs)
  for (const one of tabs) {
    await expectDirect(
      one,
      tabs.filter((other) => other !== one),
    )
  }
})

test('a revoked peer is cut off by the other tab', async ({ browser }) => {
  const [a, b] = await openTabs(browser, 2)
  await introduce([a!, b!])
  await expectDirect(a!, [b!])
  await a!.page.evaluate((peer) => window.tab.setStanding(peer, 'revoked'), b!.peer)
  await expect.poll(() => kinds(a!.page)).toEqual(['websocket'])
  await b!.page.evaluate((peer) => window.tab.ask(peer, 'let me in'), a!.peer).catch(() => {})
  expect(await kinds(a!.page)).toEqual(['websocket'])
  expect(await heard(a!.page)).toEqual([])
})

test('without the relay two tabs whose link was cut find each other through a third', async ({
  browser,
}) => {
  const tabs = await openTabs(browser, 3)
  const [a, b, c] = tabs as [Opened, Opened, Opened]
  await introduce(tabs)
  for (const one of tabs) await expectDirect(one, others(tabs, one))
  await killRelay()
  for (const { page } of tabs) await expect.poll(() => kinds(page)).toEqual(['direct'])

  // Until the third may vouch for one of them again, nobody brings them together.
  await c.page.evaluate((peer) => window.tab.setStanding(peer, 'unknown'), b.peer)
  const before = await linkWith(a, b)
  await a.page.evaluate((peer) => window.tab.cut(peer), b.peer)
  const refused = () => c.page.evaluate((key) => window.tab.counted(key), circuits('refused'))
  await expect.poll(refused, { timeout: 60_000 }).toBeGreaterThan(0)
  expect(await linkWith(a, b)).toBeUndefined()
  expect(await c.page.evaluate((key) => window.tab.counted(key), circuits('ended'))).toBe(0)

  await c.page.evaluate((peer) => window.tab.setStanding(peer, 'member'), b.peer)
  await expectDirect(a, [b])
  await expectDirect(b, [a])
  expect(await linkWith(a, b)).not.toBe(before)
  const ended = () => c.page.evaluate((key) => window.tab.counted(key), circuits('ended'))
  await expect.poll(ended).toBeGreaterThan(0)
  await expectGossip(a, [b], 'through nobody')
  await a.page.evaluate((peer) => window.tab.ask(peer, 'are you there'), b.peer)
  await expect.poll(() => heard(a.page)).toContain('answer are you there')
  // The circuit was for signalling: what stays are the direct links.
  for (const { page } of tabs) await expect.poll(() => kinds(page)).toEqual(['direct'])
})

test('a tab carries no circuit for long, none that is large, and reserves for nobody', async ({
  browser,
}) => {
  const tabs = await openTabs(browser, 3)
  const [a, b, c] = tabs as [Opened, Opened, Opened]
  await introduce(tabs)
  for (const one of tabs) await expectDirect(one, others(tabs, one))
  await killRelay()
  const speak = (frames: number[][]) =>
    a.page.evaluate(([peer, protocol, words]) => window.tab.speak(peer, protocol, words), [
      c.peer,
      HOP_PROTOCOL,
      frames,
    ] as const)
  const ok = [8, 2, 34, 6, 8, 30, 16, 128, 128, 4, 40, 100]
  const request = [...encodeHopConnect(b.peer as PeerId)]
  // RESERVE: a refusal with status 200.
  expect(await speak([[8, 0]])).toEqual([[8, 2, 40, 200, 1]])
  // Far more than a circuit may carry, none of it a handshake: it opens, and is cut.
  const flood = Array.from({ length: 16 }, () => Array.from({ length: 8_192 }, () => 1))
  expect((await speak([request, ...flood]))[0]).toEqual(ok)
  // Opened and left alone: it is over without anybody's doing.
  expect((await speak([request]))[0]).toEqual(ok)
  for (const { page } of tabs) await expect.poll(() => kinds(page)).toEqual(['direct'])
  await a.page.evaluate((peer) => window.tab.ask(peer, 'still'), b.peer)
  await expect.poll(() => heard(a.page)).toContain('answer still')
})

async function openTabs(
  browser: import('@playwright/test').Browser,
  count: number,
  options: { webrtc?: boolean; keep?: string } = {},
): Promise<Opened[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const context = await browser.newContext({ permissions: ['microphone'] })
      contexts.push(context)
      const page = await context.newPage()
      if (process.env.FOLKMOOT_TAB_LOG) page.on('console', (line) => console.log(line.text()))
      await page.goto(`http://127.0.0.1:${port}/`)
      const peer = await page.evaluate(([relays, init]) => window.tab.start(relays, init), [
        [address],
        options,
      ] as const satisfies [string[], object])
      return { page, peer }
    }),
  )
}

async function introduce(tabs: readonly Opened[]): Promise<void> {
  const peers = tabs.map(({ peer }) => peer)
  await Promise.all(
    tabs.map(({ page, peer }) =>
      page.evaluate(
        (others) => window.tab.setPeers(others),
        peers.filter((p) => p !== peer),
      ),
    ),
  )
}

const others = (tabs: readonly Opened[], one: Opened) => tabs.filter((other) => other !== one)
const circuits = (outcome: string) => `folkmoot_transport_circuits_total ${outcome}`

/** The id of the direct link that `from` has with `to`. */
const linkWith = (from: Opened, to: Opened) =>
  from.page.evaluate(
    (peer) => window.tab.links().find((l) => l.kind === 'direct' && l.peer === peer)?.id,
    to.peer,
  )

const heard = (page: Page) => page.evaluate(() => window.tab.heard())
const kinds = (page: Page) =>
  page.evaluate(() => [...new Set(window.tab.links().map(({ kind }) => kind))].sort())

async function expectDirect(from: Opened, to: readonly Opened[]): Promise<void> {
  await expect
    .poll(
      () =>
        from.page.evaluate(() => [
          ...new Set(
            window.tab
              .links()
              .filter((l) => l.kind === 'direct')
              .map((l) => l.peer),
          ),
        ]),
      { timeout: 90_000 },
    )
    .toEqual(expect.arrayContaining(to.map(({ peer }) => peer)))
}

/** Repeats the message, because a mesh needs a heartbeat or two to form. */
async function expectGossip(from: Opened, to: readonly Opened[], text: string): Promise<void> {
  let round = 0
  await expect
    .poll(
      async () => {
        round += 1
        await from.page.evaluate((words) => window.tab.publish(words), `${text} ${round}`)
        const lists = await Promise.all(to.map(({ page }) => heard(page)))
        return lists.every((list) => list.some((line) => line.startsWith(text)))
      },
      { timeout: 90_000 },
    )
    .toBe(true)
}
