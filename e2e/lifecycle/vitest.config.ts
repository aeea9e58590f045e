/**
 * The second browser suite: tabs in the background. `npm test` hands over the browser as
 * `CHROME_PATH` and the screen as `XVFB_PATH`.
 *
 * @module
 */
import { defineConfig } from 'vitest/config'

const long = process.env.FOLKMOOT_LONG === '1'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: long ? ['*.lifecycle.ts', '*.long.ts'] : ['*.lifecycle.ts'],
    // Whole browsers on two cores: waiting has a generous limit.
    testTimeout: 600_000,
    hookTimeout: 120_000,
    retry: process.env.CI ? 1 : 0,
    maxWorkers: 1,
    fileParallelism: false,
  },
})
