/**
 * Calls and streams between two tabs in Chromium, direct and relayed, beside bare libp2p between
 * the same two tabs.
 *
 * @module
 */
import type { Browser, Page } from '@playwright/test'
import { permissions } from '../../e2e/support/browser-flags.ts'
import { type Benchmark, type Effort, scaled } from '../measure/benchmark.ts'
import { type Figure, figure } from '../measure/figure.ts'
import { interleave } from '../measure/interleave.ts'
import { launchBrowser, servePages } from '../tab-page/browser.ts'
import type { TabInit } from '../tab-page/tab.ts'
import type { Answering } from './answering-process.ts'
import { startAnswering } from './two-processes.ts'

const together = 64
/** Chunks of 64 KiB; a relayed circuit has a budget of 64 MiB for all that is measured on it. */
const fullChunks = { direct: 128, relayed: 48 } as const
const beside = 'bare libp2p stream'

type Kind = keyof typeof fullChunks

export const benchmark: Benchmark = {
  title: 'calls and streams between two tabs, WebRTC and relayed, durable audit on',
  run: async (effort, report) => {
    const [answering, pages, browser] = await Promise.all([
      startAnswering(),
      servePages(),
      launchBrowser(),
    ])
    try {
      for (const kind of ['direct', 'relayed'] as const) {
        await between(kind, { answering, browser, url: pages.url }, effort, report)
      }
    } finally {
      await browser.close()
      await pages.stop()
      await answering.stop()
    }
  },
}

interface Place {
  readonly answering: Answering
  readonly browser: Browser
  readonly url: string
}

async function between(
  kind: Kind,
  place: Place,
  effort: Effort,
  report: (figure: Figure) => void,
): Promise<void> {
  const [a, b] = await Promise.all([openTab(place, kind), openTab(place, kind)])
  const to = b.peer
  await a.page.evaluate(([peer, bare]) => window.bench.connect(peer, bare), [to, b.bare] as const)
  const kinds = await a.page.evaluate((peer) => window.bench.kinds(peer), to)
  if (!kinds.includes(kind)) throw new Error(`the tabs are linked ${kinds}, not ${kind}`)

  const alone = scaled(60, effort)
  const many = scaled(400, effort)
  const chunks = scaled(fullChunks[kind], effort)
  const args = { to, alone, many, together, chunks }
  const inA = (run: (given: typeof args) => Promise<number>) => () => a.page.evaluate(run, args)
  const samples = await interleave(
    {
      call: inA((given) => window.bench.callMillis(given.to, given.alone)),
      bareCall: inA((given) => window.bench.bareMillis(given.alone)),
      calls: inA((given) => window.bench.calls(given.to, given.many, given.together)),
      bareCalls: inA((given) => window.bench.bareCalls(given.many, given.together)),
      stream: inA((given) => window.bench.stream(given.to, given.chunks)),
      bareStream: inA((given) => window.bench.bareStream(given.chunks)),
    },
    effort,
  )
  const name = kind === 'direct' ? 'WebRTC' : 'relayed'
  report(
    figure({
      name: `${name}: call, p50 at 1 in flight`,
      unit: 'ms',
      ours: samples.call,
      beside: { name: beside, samples: samples.bareCall },
    }),
  )
  report(
    figure({
      name: `${name}: calls, ${together} in flight`,
      unit: '/s',
      ours: samples.calls,
      beside: { name: beside, samples: samples.bareCalls },
      aims: [{ of: 'ratio', atLeast: 0.5 }],
    }),
  )
  report(
    figure({
      name: `${name}: stream with credits`,
      unit: 'MiB/s',
      ours: samples.stream,
      beside: { name: beside, samples: samples.bareStream },
      aims: [{ of: 'ratio', atLeast: 0.7 }],
    }),
  )
  await Promise.all([a.page.context().close(), b.page.context().close()])
}

async function openTab(
  { answering, browser, url }: Place,
  kind: Kind,
): Promise<{ page: Page; peer: string; bare: string }> {
  const context = await browser.newContext({ permissions: [...permissions] })
  const page = await context.newPage()
  await page.goto(`${url}/ours.html`)
  const overWebSocket = (address: string) => address.includes('/ws')
  const init: TabInit = {
    charter: answering.charter,
    invitation: answering.invitation,
    seed: answering.seed,
    relays: answering.relays.filter(overWebSocket),
    bareRelay: answering.bare.find(overWebSocket)!,
    webrtc: kind === 'direct',
  }
  return { page, ...(await page.evaluate((given) => window.bench.start(given), init)) }
}
