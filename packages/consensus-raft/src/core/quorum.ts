/**
 * How many of a group are enough.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'

export function majorityOf(voters: readonly PeerId[]): number {
  return Math.floor(voters.length / 2) + 1
}

/** The highest number that a majority of `values` reaches: one value a voter. */
export function majorityValue(values: readonly number[]): number {
  const descending = [...values].sort((a, b) => b - a)
  return descending[Math.floor(values.length / 2)] ?? 0
}

/**
 * What a leader may call committed: what a majority holds, and only where that is an entry of its
 * own term (paper, section 5.4.2 and figure 8); older ones follow from it.
 */
export function committedBy(
  matches: readonly number[],
  commit: number,
  term: number,
  termAt: (index: number) => number | undefined,
): number {
  const index = majorityValue(matches)
  return index > commit && termAt(index) === term ? index : commit
}
