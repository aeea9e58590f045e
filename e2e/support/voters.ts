/**
 * Tabs and relays that decide together: the operator offers seats, their owners accept them, and
 * something is decided.
 *
 * @module
 */
import type { RelayProcess } from './relay-process.ts'
import type { Peek, VolunteerTab } from './volunteer-tab.ts'

/** What a voter's owner can do, in whatever browser the tab is. */
export interface Seated {
  press(button: string): Promise<void>
  openDetails(): Promise<void>
  until(what: string, holds: (peek: Peek) => boolean): Promise<Peek>
  /** Hands a report about the study to the federation: an operation that the voters decide. */
  report(reason: string): Promise<void>
}

/** Deciding takes several volunteers, one after another, on a machine that may be busy. */
const withinMs = 240_000

export function seated(tab: VolunteerTab): Seated {
  const { page } = tab
  return {
    press: (name) => page.getByRole('button', { name, exact: true }).click(),
    openDetails: async () => {
      const details = page.locator('details.details')
      if ((await details.getAttribute('open')) === null) await details.locator('> summary').click()
    },
    until: (what, holds) => tab.until(what, holds, withinMs),
    report: async (reason) => {
      await page.getByRole('button', { name: 'Report this study', exact: true }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('textbox').fill(reason)
      await dialog.getByRole('button', { name: 'Send report', exact: true }).click()
    },
  }
}

/** `folkmoot …`, which must succeed. */
export async function operate(host: RelayProcess, ...args: string[]): Promise<string> {
  const { code, out, err } = await host.command(...args)
  if (code !== 0) throw new Error(`folkmoot ${args.join(' ')} ended with ${code}\n${out}\n${err}`)
  return out
}

export const isVoter = (peek: Peek, peer = peek.peerId!) =>
  peek.ledger?.voters.includes(peer) ?? false

/** Offers a seat to the member behind a tab, which accepts it and waits until it has it. */
export async function takeSeat(host: RelayProcess, tab: Seated, peer: string): Promise<Peek> {
  await operate(host, 'propose', 'voter', peer)
  await tab.openDetails()
  await tab.press('Accept the seat')
  return tab.until('a voter', isVoter)
}

/** Waits until every tab has decided more than `height`. */
export function decidedPast(tabs: readonly Seated[], height: number): Promise<Peek[]> {
  return Promise.all(
    tabs.map((tab) =>
      tab.until(`decided past ${height}`, ({ ledger }) => (ledger?.height ?? 0) > height),
    ),
  )
}

/** What the operator is shown of those who decide. */
export interface Voting {
  readonly epoch: number
  readonly voters: readonly { readonly peer: string }[]
  readonly evicted: readonly string[]
}

export const votersOf = (host: RelayProcess) => host.get<Voting>('/v1/voting')
