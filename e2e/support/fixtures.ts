/**
 * Playwright's `test` with a relay and tabs that are cleaned up whatever happens.
 *
 * @example
 * ```ts
 * import { expect, test } from './support/fixtures.ts'
 *
 * test('a tab joins by its link', async ({ relay, openTab }) => {
 *   const { invite } = await relay()
 *   const tab = await openTab(invite)
 *   expect((await tab.join()).joined).toBe(true)
 * })
 * ```
 *
 * @module
 */
import { test as base } from '@playwright/test'
import { forgetState, type RelayInit, type RelayProcess, startRelay } from './relay-process.ts'
import { openTab, type TabInit, type VolunteerTab } from './volunteer-tab.ts'

export { expect } from '@playwright/test'

interface Fixtures {
  /** Starts a relay; several may run in one test. */
  readonly relay: (init?: RelayInit) => Promise<RelayProcess>
  /** Opens a link in a new profile. */
  readonly openTab: (link: string, init?: TabInit) => Promise<VolunteerTab>
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from this pattern
  relay: async ({}, use, testInfo) => {
    const states = new Set<string>()
    const pids = new Set<number>()
    const tracked = (relay: RelayProcess): RelayProcess => {
      states.add(relay.state)
      pids.add(relay.pid)
      return { ...relay, restart: async (...args) => tracked(await relay.restart(...args)) }
    }
    await use(async (init) => tracked(await startRelay(init)))
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has stopped already, as it should have.
      }
    }
    if (testInfo.status === testInfo.expectedStatus) for (const state of states) forgetState(state)
  },
  openTab: async ({ browser }, use) => {
    const tabs: VolunteerTab[] = []
    await use(async (link, init) => {
      const tab = await openTab(browser, link, init)
      tabs.push(tab)
      return tab
    })
    for (const tab of tabs) await tab.close().catch(() => {})
  },
})
