/**
 * A headed browser for a whole file of tests, and relays, studies and tabs that end with each test.
 *
 * @module
 */
import { rm } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll } from 'vitest'
import {
  forgetState,
  type RelayInit,
  type RelayProcess,
  startRelay,
} from '../support/relay-process.ts'
import { type TinyStudyInit, tinyStudy } from '../support/tiny-study.ts'
import { type HeadedBrowser, startHeadedBrowser } from './headed-browser.ts'
import { type LifecycleTab, openLifecycleTab } from './lifecycle-tab.ts'

export interface Bench {
  relay(init?: RelayInit): Promise<RelayProcess>
  /** `script` runs in the page before its own. */
  openTab(link: string, script?: string): Promise<LifecycleTab>
  /** The path of a study's folder. */
  study(init?: TinyStudyInit): Promise<string>
}

/** Call it once in a test file, outside of any test. */
export function useBench(): Bench {
  let browser: HeadedBrowser
  const cleanups: (() => unknown)[] = []
  beforeAll(async () => {
    browser = await startHeadedBrowser()
  }, 120_000)
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  }, 120_000)
  afterAll(() => browser?.stop(), 120_000)

  const tracked = (relay: RelayProcess): RelayProcess => {
    cleanups.push(async () => {
      await relay.kill().catch(() => {})
      forgetState(relay.state)
    })
    return { ...relay, restart: async (...args) => tracked(await relay.restart(...args)) }
  }
  return {
    relay: async (init) => tracked(await startRelay(init)),
    async openTab(link, script) {
      const tab = await openLifecycleTab(browser.cdp, link, script)
      cleanups.push(() => tab.close().catch(() => {}))
      return tab
    },
    async study(init) {
      const folder = await tinyStudy(init)
      cleanups.push(() => rm(folder, { recursive: true, force: true }))
      return folder
    },
  }
}
