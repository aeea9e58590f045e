/**
 * Reads what a person sees on the page: the unit that is computed, the tiles, and why.
 *
 * @module
 */
import type { Page } from '@playwright/test'
import type { Peek, VolunteerTab } from './volunteer-tab.ts'

export interface ShownTile {
  readonly unit: number
  readonly state: 'waiting' | 'computing' | 'provisional' | 'accepted' | 'final' | 'disputed'
  readonly mine: 'none' | 'computing' | 'agreed' | 'pending' | 'not-accepted'
  /** As a screen reader says it. */
  readonly words: string
}

export function shownTiles(page: Page): Promise<ShownTile[]> {
  return page.locator('.tile[data-unit]').evaluateAll((tiles) =>
    tiles.map((tile) => ({
      unit: Number(tile.getAttribute('data-unit')),
      state: tile.getAttribute('data-state') as ShownTile['state'],
      mine: tile.getAttribute('data-mine') as ShownTile['mine'],
      words: tile.getAttribute('aria-label') ?? '',
    })),
  )
}

/** Waits for a moment in which the tab says that it computes, and answers which unit. */
export async function computingUnit({ page }: VolunteerTab): Promise<number> {
  const state = page.getByRole('region', { name: 'Now' }).locator('.now-state')
  const handle = await page.waitForFunction(
    (element) => /^Computing unit (\d+)$/.exec(element?.textContent ?? '')?.[1],
    await state.elementHandle(),
    { polling: 50, timeout: 120_000 },
  )
  return Number(await handle.jsonValue())
}

export async function press({ page }: VolunteerTab, name: 'Pause' | 'Resume' | 'Finish') {
  await page.getByRole('button', { name, exact: true }).click()
}

/** Stops computing and waits until the page says that it has. */
export async function pause(tab: VolunteerTab): Promise<void> {
  await press(tab, 'Pause')
  await tab.until('paused', ({ paused }) => paused?.reason === 'you-paused')
}

export function directLinks(peek: { links: ReadonlyArray<{ kind: string }> }): number {
  return peek.links.filter(({ kind }) => kind === 'direct').length
}

/** Waits until `holds` is true in every tab; where it does not, the error shows all of them. */
export async function allUntil(
  tabs: readonly VolunteerTab[],
  what: string,
  holds: (peek: Peek) => boolean,
  withinMs?: number,
): Promise<Peek[]> {
  try {
    return await Promise.all(tabs.map((tab) => tab.until(what, holds, withinMs)))
  } catch (error) {
    const peeks = await Promise.all(tabs.map((tab) => tab.peek().catch(() => null)))
    const lines = peeks.map((peek, index) => `tab ${index}: ${JSON.stringify(peek)}`)
    throw new Error(lines.join('\n'), { cause: error })
  }
}

/** Waits until every tab has so many direct links. */
export async function connected(tabs: readonly VolunteerTab[], links = 2): Promise<void> {
  await allUntil(tabs, `${links} direct links`, (peek) => directLinks(peek) >= links)
}
