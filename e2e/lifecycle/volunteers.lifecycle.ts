/**
 * Volunteers who look at something else: hidden tabs go on, frozen ones come back.
 */
import { expect, it } from 'vitest'
import type { Peek } from '../support/volunteer-tab.ts'
import { useBench } from './fixtures.ts'

const bench = useBench()
/** Half a second each at half a core, so that there is always one more to do. */
const units = { units: 400, permutations: 700_000 }
const directTo = (peek: Peek) => peek.links.filter(({ kind }) => kind === 'direct')
const hasDirect = (peek: Peek) => directTo(peek).length > 0

async function twoVolunteers() {
  const host = await bench.relay({ args: ['--study', await bench.study(units), '--worker', '0'] })
  const [a, b] = [await bench.openTab(host.invite), await bench.openTab(host.invite)]
  await a.join()
  const { peerId } = await b.join()
  await a.until('a direct link', hasDirect)
  await b.until('a direct link', hasDirect)
  return { host, a, b, peerOfB: peerId! }
}

it('a hidden tab keeps its direct links and its work, with its timers slowed down', async () => {
  const { a, b } = await twoVolunteers()
  await b.hide()
  await b.evaluate(`globalThis.ticks = 0; setInterval(() => { globalThis.ticks++ }, 50); 0`)
  const before = await b.until('a first unit', ({ study }) => (study?.mine ?? 0) > 0)
  const later = await b.until(
    'five more units',
    ({ study }) => study!.mine >= before.study!.mine + 5,
  )
  expect(await b.evaluate('document.visibilityState')).toBe('hidden')
  expect(directTo(later)).toEqual([expect.objectContaining({ peer: (await a.peek())!.peerId })])
  expect(later.links.some(({ kind }) => kind === 'websocket')).toBe(true)
  expect(later.paused).toBe(null)
  // Nobody else lost it either.
  expect(hasDirect((await a.peek())!)).toBe(true)
  console.log('hidden: ticks of a timer of 50 ms', await b.evaluate('globalThis.ticks'))
})

it('a frozen tab is dropped; resumed it says that it was asleep, and is linked and at work again', async () => {
  const { a, b, peerOfB } = await twoVolunteers()
  await b.freeze()
  await a.until('the frozen tab is gone', (peek) =>
    peek.links.every(({ peer }) => peer !== peerOfB),
  )
  const { study } = (await b.peek())!
  await b.resume()
  await b.until('asleep', ({ paused }) => paused?.reason === 'asleep')
  await b.until('awake', ({ paused }) => paused === null)
  await b.until('a direct link again', hasDirect)
  await a.until('a direct link again', (peek) =>
    directTo(peek).some(({ peer }) => peer === peerOfB),
  )
  await b.until('at work again', ({ study: now }) => now!.mine > study!.mine)
})
