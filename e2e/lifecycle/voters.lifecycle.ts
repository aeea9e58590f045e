/**
 * Voters who look at something else: four tabs decide, some of them hidden or frozen.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { RelayProcess } from '../support/relay-process.ts'
import type { Peek } from '../support/volunteer-tab.ts'
import { isVoter, operate } from '../support/voters.ts'
import { useBench } from './fixtures.ts'
import type { LifecycleTab } from './lifecycle-tab.ts'

const bench = useBench()
const heightOf = ({ ledger }: Peek) => ledger!.height
const directTo = (peek: Peek, peer: string) =>
  peek.links.some((link) => link.peer === peer && link.kind === 'direct')

let tabs: LifecycleTab[] = []
afterEach(() => {
  tabs = []
})

/** Four tabs that vote, each linked directly with every other; the relay has given its seat back. */
async function committee(script?: string): Promise<{ host: RelayProcess; peers: string[] }> {
  const host = await bench.relay({
    args: ['--study', await bench.study({ units: 4 }), '--worker', '0'],
  })
  const peers: string[] = []
  for (let index = 0; index < 4; index++) {
    const tab = await bench.openTab(host.invite, script)
    tabs.push(tab)
    const { peerId } = await tab.join()
    peers.push(peerId!)
  }
  for (const [index, tab] of tabs.entries()) {
    await operate(host, 'propose', 'voter', peers[index]!)
    await tab.openDetails()
    await tab.press('Accept the seat')
    await tab.until('a voter', (peek) => isVoter(peek))
  }
  await operate(host, 'voter', 'resign')
  for (const tab of tabs) {
    await tab.until(
      'four tabs decide, all linked',
      (peek) =>
        peek.ledger?.voters.length === 4 &&
        peers.every((peer) => peer === peek.peerId || directTo(peek, peer)),
    )
  }
  return { host, peers }
}

/** Waits until each of them has decided past `height`. */
async function decided(by: readonly LifecycleTab[], height: number): Promise<void> {
  for (const tab of by) await tab.until(`decided past ${height}`, (peek) => heightOf(peek) > height)
}

/** Lets a test cut links of a tab, which its page does not offer. */
const keepConnections = `globalThis.connections = []
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...init) {
      super(...init)
      globalThis.connections.push(this)
    }
  }`

const alive = `connections.filter((one) => one.connectionState === 'connected').length`

it('four tabs decide with one of them hidden or frozen; with two frozen nothing is decided and the page says so, until one is resumed; then a link cut without a relay is made again through the tab that is left', async () => {
  const { host, peers } = await committee(keepConnections)
  const [first, second, third, fourth] = tabs as [
    LifecycleTab,
    LifecycleTab,
    LifecycleTab,
    LifecycleTab,
  ]
  await fourth.hide()
  let height = heightOf((await first.peek())!)
  await first.report('With one tab hidden.')
  await decided(tabs, height)
  expect(await fourth.evaluate('document.visibilityState')).toBe('hidden')

  await fourth.freeze()
  const stood = heightOf((await fourth.peek())!)
  height = heightOf((await first.peek())!)
  await second.report('With one tab frozen.')
  await decided([first, second, third], height)
  expect(heightOf((await fourth.peek())!)).toBe(stood)

  await third.freeze()
  for (const tab of [first, second]) {
    await tab.until('the frozen are gone', (peek) =>
      [peers[2]!, peers[3]!].every((peer) => !directTo(peek, peer)),
    )
    await tab.untilTrue(
      'it says that nothing can be decided',
      `/Nothing can be decided now: 2 of the 3 voters/.test(
        document.querySelector('.stalled')?.textContent ?? '')`,
    )
  }
  // By now whatever had enough votes before is final everywhere.
  height = heightOf((await first.peek())!)
  await first.report('Two of four cannot decide this.')
  await sleep(5_000)
  for (const tab of [first, second]) expect(heightOf((await tab.peek())!)).toBe(height)
  await third.resume()
  await decided([first, second, third], height)
  await first.untilTrue('nothing stalls', `document.querySelector('.stalled') === null`)
  const isLinked = (peek: Peek) => [peers[0]!, peers[1]!].every((peer) => directTo(peek, peer))
  // Its own view may be of links that died while it was frozen: the others have to see it too.
  for (const tab of [first, second]) {
    await tab.until('linked with the third', (peek) => directTo(peek, peers[2]!))
  }
  await third.until('linked with both', isLinked)
  await third.untilTrue('no dead link', `${alive} >= 2`)

  await host.kill()
  for (const tab of [first, second, third]) {
    await tab.until('no relay', ({ links }) => links.every(({ kind }) => kind === 'direct'))
  }
  // All links of the third but its newest: three of three are needed to decide.
  const cut = await third.evaluate<number>(`(() => {
    const open = connections.filter((one) => one.connectionState === 'connected')
    for (const one of open.slice(0, -1)) one.close()
    return open.length - 1
  })()`)
  expect(cut).toBeGreaterThan(0)
  // The other end notices at once and dials anew, so that the page may never show the gap.
  await third.untilTrue(
    'as many connections as before, through the tab that was left',
    `${alive} >= 2`,
  )
  await third.until('linked with both', isLinked)
  const later = heightOf((await first.peek())!)
  await second.report('Decided over a link that another tab made possible.')
  await decided([first, second, third], later)
})
