/**
 * A tab that the browser threw out of memory, and that its owner opens again.
 */
import { expect, it } from 'vitest'
import { useBench } from './fixtures.ts'

const bench = useBench()

it('a discarded tab is the same volunteer when it is shown again, without being asked', async () => {
  const study = await bench.study({ units: 200, permutations: 700_000 })
  const host = await bench.relay({ args: ['--study', study, '--worker', '0'] })
  const tab = await bench.openTab(host.invite)
  const { peerId } = await tab.join()
  const before = await tab.until('a unit', ({ study: one }) => (one?.mine ?? 0) > 0)
  await tab.discard()
  await tab.show()
  const after = await tab.until('joined again', ({ joined }) => joined)
  expect(await tab.evaluate('document.wasDiscarded')).toBe(true)
  expect(after.peerId).toBe(peerId)
  await tab.until('at work again', ({ study: one }) => one!.mine > before.study!.mine)
})
