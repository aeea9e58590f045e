/**
 * The simulator in real Chromium: a seed is the same run there as in Node, to the last byte.
 *
 * @module
 */
import { expect, test } from '@playwright/test'
import { campaigns } from '../packages/simulator/src/index.ts'
import { openModule } from './support/open-module.ts'
import type {} from './support/simulator-page.ts'

const SEEDS = [1, 2, 3, 4]

test('every campaign leaves the same trace in Chromium as in Node, seed for seed', async ({
  page,
}) => {
  await openModule(page, 'simulator-page.ts')
  await page.waitForFunction(() => typeof window.simulate === 'function')

  const seen = new Set<string>()
  for (const { name, run } of campaigns) {
    for (const seed of SEEDS) {
      const hash = await page.evaluate(([campaign, at]) => window.simulate(campaign, at), [
        name,
        seed,
      ] as const satisfies [string, number])
      expect({ name, seed, hash }).toEqual({ name, seed, hash: (await run(seed)).hash })
      seen.add(hash)
    }
  }
  expect(seen.size).toBe(campaigns.length * SEEDS.length)
})
