/**
 * The simulator in real Chromium: a seed is the same run there as in Node, to the last byte.
 *
 * @module
 */
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { campaigns } from '../packages/simulator/src/index.ts'
import { buildModule } from './support/build-module.ts'
import type {} from './support/simulator-page.ts'

const SEEDS = [1, 2, 3, 4]

test('every campaign leaves the same trace in Chromium as in Node, seed for seed', async ({
  page,
}) => {
  const entry = fileURLToPath(new URL('support/simulator-page.ts', import.meta.url))
  const script = await buildModule(`import ${JSON.stringify(entry)}`)
  const origin = 'http://127.0.0.1:9'
  await page.route(`${origin}/**`, (route) =>
    route.request().url().endsWith('.js')
      ? route.fulfill({ contentType: 'text/javascript', body: script })
      : route.fulfill({
          contentType: 'text/html',
          body: '<!doctype html><script type="module" src="/page.js"></script>',
        }),
  )
  await page.goto(`${origin}/`)
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
