/**
 * Runs the whole of Folkmoot in real Chromium. `npm test` finds the browser and hands it over as
 * `CHROME_PATH`; run directly, Chromium is looked for where Debian puts it.
 *
 * @module
 */
import { defineConfig } from '@playwright/test'
import { browserFlags, permissions } from './support/browser-flags.ts'

const long = process.env.FOLKMOOT_LONG === '1'

export default defineConfig({
  testDir: '.',
  // A suite of its own, without Playwright.
  testIgnore: 'lifecycle/**',
  testMatch: long ? ['**/*.spec.ts', '**/*.long.ts'] : ['**/*.spec.ts'],
  outputDir: '../test-results',
  // Each test starts a relay and several tabs; on two cores a second one at the same time would
  // only make both slow.
  workers: 1,
  fullyParallel: false,
  // Whole browsers, relays and WebRTC on two cores that others may use too: one more try, and the
  // closing lines say how many needed it.
  retries: process.env.CI ? 2 : 0,
  // Waiting has a generous limit; how fast things are is a benchmark's question.
  timeout: long ? 600_000 : 180_000,
  expect: { timeout: 60_000 },
  use: {
    browserName: 'chromium',
    headless: true,
    permissions: [...permissions],
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROME_PATH || '/usr/bin/chromium',
      args: [...browserFlags],
    },
  },
})
