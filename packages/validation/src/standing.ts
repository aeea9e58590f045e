/**
 * A worker's standing under an `audit` rule: which of its results its own later ones have carried
 * over the window, and which a failed check rolls back.
 *
 * A check is a unit on which a second voice has spoken. Results count in the order of the worker's
 * own numbers, which must have no gap: a number held back delays all that follow it.
 *
 * @module
 */
import type { UnitState } from './acceptance.ts'
import type { Vote } from './vote.ts'

export interface Standing {
  /** True when the result's window has passed without a failed or open check. */
  carried(vote: Vote): boolean
  /** True when a failed check reaches back to this result, or came before it. */
  rolledBack(vote: Vote): boolean
  readonly failed: boolean
}

/** What the check of one result says; `none` where only one voice has spoken. */
export type Check = 'none' | 'passed' | 'open' | 'failed'

/** What the state of a unit says about one peer's vote on it. */
export function checkOf(unit: UnitState, vote: Vote): Check {
  const objection = unit.against.find((entry) => entry.peer === vote.peer)
  if (objection === undefined) return unit.state === 'accepted' ? 'passed' : 'none'
  return objection.why === 'disputed' ? 'open' : 'failed'
}

/** @param votes every counted result of one worker, with the check of each */
export function standingOf(
  window: number,
  votes: ReadonlyArray<{ readonly vote: Vote; readonly check: Check }>,
): Standing {
  const sorted = votes.toSorted(
    (a, b) => a.vote.seq - b.vote.seq || (a.vote.id < b.vote.id ? -1 : 1),
  )
  const rank = new Map(sorted.map(({ vote }, index) => [vote.id, index]))
  const firstFailed = sorted.findIndex(({ check }) => check === 'failed')
  const open = sorted.flatMap(({ check }, index) => (check === 'open' ? [index] : []))
  const gap = sorted.findIndex(({ vote }, index) => vote.seq !== index)
  const unbroken = gap === -1 ? sorted.length : gap
  const rolledFrom = firstFailed === -1 ? Number.POSITIVE_INFINITY : firstFailed - window
  const rankOf = (vote: Vote) => rank.get(vote.id) ?? Number.POSITIVE_INFINITY
  return {
    failed: firstFailed !== -1,
    rolledBack: (vote) => rankOf(vote) >= rolledFrom,
    carried: (vote) => {
      const at = rankOf(vote)
      const end = at + window
      return end < unbroken && at < rolledFrom && !open.some((index) => index >= at && index <= end)
    },
  }
}
