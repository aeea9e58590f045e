/**
 * Byzantine agreement among four tabs of one Chromium, linked over WebRTC: how long an operation of
 * one tab takes while all are in the foreground, and while another one is hidden. In a browser with
 * windows, because without them a tab is never hidden.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeRandomness, openKeyFile } from '@folkmoot/storage/node'
import type { Transport } from '@folkmoot/transport'
import { createNodeTransport } from '@folkmoot/transport/node'
import type { Cdp } from '../../e2e/lifecycle/cdp.ts'
import { startHeadedBrowser } from '../../e2e/lifecycle/headed-browser.ts'
import { type LifecycleTab, openLifecycleTab } from '../../e2e/lifecycle/lifecycle-tab.ts'
import { findBrowser } from '../../e2e/support/find-browser.ts'
import { findScreen } from '../../e2e/support/find-screen.ts'
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure, median } from '../measure/figure.ts'
import { interleave } from '../measure/interleave.ts'
import { servePages } from '../tab-page/browser.ts'
import type { VoterHere } from '../tab-page/voter-tab.ts'

const voters = 4
/** Longest time of one lane, in ms. */
const laneMs = 5_000
/** After 3 Δ a view is given up: whoever waits longer has met a leader that does not lead. */
const viewMs = 1_500

export const benchmark: Benchmark = {
  title: 'BFT, four tabs in one Chromium over WebRTC, all in the foreground and with one hidden',
  run: async (effort, report) => {
    await prepareBrowser()
    const folder = await mkdtemp(join(tmpdir(), 'folkmoot-voters-'))
    const [relay, pages, browser] = await Promise.all([
      startRelay(folder),
      servePages(),
      startHeadedBrowser(),
    ])
    try {
      const tabs = await openVoters(browser.cdp, `${pages.url}/voter.html`, relay.addresses()[0]!)
      const [client, , , other] = tabs as [LifecycleTab, LifecycleTab, LifecycleTab, LifecycleTab]
      const count = scaled(60, effort)
      const spend = () => client.evaluate<number[]>(`voter.submit(${count}, ${laneMs})`)
      const longest = { foreground: [] as number[], hidden: [] as number[] }
      const lane = (kind: keyof typeof longest) => async () => {
        if (kind === 'hidden') await other.hide()
        else await other.show()
        const spent = await spend()
        longest[kind].push(Math.max(...spent))
        return median(spent)
      }
      const samples = await interleave(
        { foreground: lane('foreground'), hidden: lane('hidden') },
        effort,
      )
      // What the rounds of warming up took counts no more than they do.
      const counted = (all: readonly number[]) => all.slice(-effort.repetitions)
      report(
        figure({
          name: `BFT, ${voters} tabs, 1 client, p50`,
          unit: 'ms',
          ours: samples.foreground,
          aims: [{ of: 'ours', atMost: 150 }],
        }),
      )
      report(
        figure({
          name: `BFT, ${voters} tabs, one hidden, 1 client, p50`,
          unit: 'ms',
          ours: samples.hidden,
          beside: { name: 'all in the foreground', samples: samples.foreground },
        }),
      )
      report(
        figure({
          name: `BFT, ${voters} tabs, one hidden, longest`,
          unit: 'ms',
          ours: counted(longest.hidden),
          beside: { name: 'all in the foreground', samples: counted(longest.foreground) },
          aims: [{ of: 'ours', atMost: viewMs }],
        }),
      )
    } finally {
      await browser.stop()
      await pages.stop()
      await relay.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** Tells the browser's starter where browser and screen are. */
async function prepareBrowser(): Promise<void> {
  const browser = await findBrowser(join(tmpdir(), 'folkmoot-browser'))
  if (browser === undefined) throw new Error('no Chromium was found; set CHROME_PATH')
  const screen = findScreen()
  if (screen === undefined) throw new Error('no window can be opened: install xvfb')
  process.env.CHROME_PATH = browser
  if (screen.xvfb !== undefined) process.env.XVFB_PATH = screen.xvfb
}

async function startRelay(folder: string): Promise<Transport> {
  return createNodeTransport({
    signer: await openKeyFile(join(folder, 'relay.pem')),
    listen: ['/ip4/127.0.0.1/tcp/0/ws'],
    relay: {},
    gate: { allow: () => 'member' },
    randomness: nodeRandomness(),
  })
}

/** Four tabs, each in a window of its own, that are linked with each other and vote. */
async function openVoters(cdp: Cdp, url: string, relay: string): Promise<LifecycleTab[]> {
  const tabs = await Promise.all(Array.from({ length: voters }, () => openLifecycleTab(cdp, url)))
  const members = await Promise.all(
    tabs.map(async (tab) => {
      await tab.untilTrue('the page', `'voter' in window`)
      return tab.evaluate<VoterHere>(`voter.start(${JSON.stringify(relay)})`)
    }),
  )
  const peers = JSON.stringify(members.map(({ peer }) => peer))
  // One after the other: tabs that all link at once may meet over the relay first, and stay there a while.
  for (const tab of tabs) await tab.untilTrue('direct links', `voter.link(${peers})`)
  await Promise.all(tabs.map((tab) => tab.evaluate(`voter.vote(${JSON.stringify(members)})`)))
  return tabs
}
