/**
 * From opening the invitation link to Joined and to the first direct link with a tab that is there,
 * against a real relay process, beside a page with bare libp2p and no app.
 *
 * @module
 */
import type { Browser, Page } from '@playwright/test'
import { permissions } from '../../e2e/support/browser-flags.ts'
import { forgetState, startRelay } from '../../e2e/support/relay-process.ts'
import type { Benchmark } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'
import { interleave } from '../measure/interleave.ts'
import type { PageMarks } from '../tab-page/bare-page.ts'
import { launchBrowser, servePages } from '../tab-page/browser.ts'
import { startAnswering } from '../wires/two-processes.ts'

interface OurMarks extends PageMarks {
  /** When the Join button was there and was pressed. */
  pressed?: number
  /** When the WebSocket to the relay was open. */
  socket?: number
  /** When the first RTCPeerConnection was made: signalling has begun. */
  negotiating?: number
  /** When one was connected. */
  connected?: number
}

/** Steps from Join to the first direct link, each counted from pressing Join. */
const steps = {
  socket: 'WebSocket to the relay open',
  joined: 'Joined',
  negotiating: 'a circuit to the other tab stands, signalling begins',
  connected: 'WebRTC connected',
  direct: 'shown as a direct link',
} as const satisfies Partial<Record<keyof OurMarks, string>>

export const benchmark: Benchmark = {
  title: 'page load → Joined → first direct link, two tabs',
  run: async (effort, report) => {
    const [relay, answering, pages, browser] = await Promise.all([
      startRelay({ args: ['--study', 'none', '--worker', '0'] }),
      startAnswering(),
      servePages(),
      launchBrowser(),
    ])
    const bareRelay = answering.bare.find((address) => address.includes('/ws'))!
    const bareUrl = (...addresses: string[]) =>
      `${pages.url}/bare.html#${addresses.map(encodeURIComponent).join(',')}`
    const ours: Required<OurMarks>[] = []
    const bare: Required<PageMarks>[] = []
    try {
      await interleave(
        {
          ours: async () => {
            const there = await openOurs(browser, relay.invite, 'joined')
            const tab = await openOurs(browser, relay.invite, 'direct')
            ours.push(tab.marks)
            await leave(tab.page)
            await leave(there.page)
            return tab.marks.direct
          },
          bare: async () => {
            const there = await openBare(browser, bareUrl(bareRelay), 'joined')
            const address = await there.page.evaluate(() => window.bare.address!)
            const tab = await openBare(browser, bareUrl(bareRelay, address), 'direct')
            bare.push(tab.marks)
            await leave(tab.page)
            await leave(there.page)
            return tab.marks.direct
          },
        },
        effort,
      )
    } finally {
      await browser.close()
      await pages.stop()
      await answering.stop()
      await relay.stop()
      forgetState(relay.state)
    }
    const kept = <Marks>(marks: Marks[]) => marks.slice(-effort.repetitions)
    const name = 'bare libp2p page, no app'
    report(
      figure({
        name: 'page load → Joined (bare: reserved)',
        unit: 'ms',
        ours: kept(ours).map(({ joined }) => joined),
        beside: { name, samples: kept(bare).map(({ joined }) => joined) },
        aims: [{ of: 'ratio', atMost: 1.3 }],
      }),
    )
    report(
      figure({
        name: 'page load → first direct link',
        unit: 'ms',
        ours: kept(ours).map(({ direct }) => direct),
        beside: { name, samples: kept(bare).map(({ direct }) => direct) },
        aims: [{ of: 'ratio', atMost: 1.3 }],
      }),
    )
    report(
      figure({
        name: 'of it: page load → Join can be pressed',
        unit: 'ms',
        ours: kept(ours).map(({ pressed }) => pressed),
      }),
    )
    report(
      figure({
        name: 'Join pressed → first direct link',
        unit: 'ms',
        ours: kept(ours).map(({ pressed, direct }) => direct - pressed),
        beside: { name, samples: kept(bare).map(({ joined, direct }) => direct - joined) },
        aims: [{ of: 'ours', atMost: 2_000 }],
      }),
    )
    for (const [mark, name] of Object.entries(steps)) {
      const ended = kept(ours).map((marks) => marks[mark as keyof typeof steps] - marks.pressed)
      report(figure({ name: `of it: Join pressed → ${name}`, unit: 'ms', ours: ended }))
    }
  },
}

/** Runs in our page: presses Join as soon as it is there and notes when things came true. */
function watchOurs(): void {
  const marks: OurMarks = {}
  Reflect.set(globalThis, 'benchMarks', marks)
  const note = (mark: 'socket' | 'negotiating' | 'connected') => {
    marks[mark] ??= performance.now()
  }
  globalThis.WebSocket = class extends WebSocket {
    constructor(...init: ConstructorParameters<typeof WebSocket>) {
      super(...init)
      this.addEventListener('open', () => note('socket'))
    }
  }
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...init: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...init)
      note('negotiating')
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') note('connected')
      })
    }
  }
  interface Shown {
    readonly joined: boolean
    readonly links: readonly { readonly kind: string }[]
  }
  const look = () => {
    if (marks.pressed === undefined) {
      const buttons = [...document.querySelectorAll('button')]
      const join = buttons.find(({ textContent }) => textContent?.trim() === 'Join')
      if (join !== undefined && !join.disabled) {
        marks.pressed = performance.now()
        join.click()
      }
      return
    }
    const page = Reflect.get(globalThis, 'folkmoot') as { peek(): Shown | null } | undefined
    const shown = page?.peek()
    if (shown?.joined) marks.joined ??= performance.now()
    if (shown?.links.some(({ kind }) => kind === 'direct')) marks.direct ??= performance.now()
  }
  setInterval(look, 5)
}

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ permissions: [...permissions] })
  return context.newPage()
}

async function openOurs(browser: Browser, link: string, until: 'joined' | 'direct') {
  const page = await openPage(browser)
  await page.addInitScript(watchOurs)
  await page.goto(link)
  await page
    .waitForFunction(
      (mark) => (Reflect.get(globalThis, 'benchMarks') as OurMarks)[mark] !== undefined,
      until,
      { timeout: 120_000, polling: 50 },
    )
    .catch(async (cause) => {
      const shown = await page.evaluate(() => [
        Reflect.get(globalThis, 'benchMarks'),
        Reflect.get(globalThis, 'folkmoot')?.peek(),
      ])
      throw new Error(`waited in vain for ${until}: ${JSON.stringify(shown)}`, { cause })
    })
  const marks = await page.evaluate(() => Reflect.get(globalThis, 'benchMarks') as OurMarks)
  return { page, marks: marks as Required<OurMarks> }
}

async function openBare(browser: Browser, url: string, until: 'joined' | 'direct') {
  const page = await openPage(browser)
  await page.goto(url)
  await page.waitForFunction(
    (mark) => window.bare.failure !== undefined || window.bare.marks[mark] !== undefined,
    until,
    { timeout: 120_000, polling: 50 },
  )
  const { marks, failure } = await page.evaluate(() => window.bare)
  if (failure !== undefined) throw new Error(`the bare page failed: ${failure}`)
  return { page, marks: marks as Required<PageMarks> }
}

/** Goes away as a person would, so that the page says goodbye and nobody waits for it. */
async function leave(page: Page): Promise<void> {
  await page.goto('about:blank')
  await page.context().close()
}
