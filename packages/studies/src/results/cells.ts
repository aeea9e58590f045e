/**
 * What a result set keeps of each worker and unit, chosen so that sets converge whatever order the
 * results came in: of one output the first by (seq, id), of several outputs the two lowest, which
 * are the evidence of equivocation. An equivocator so costs two results a unit, however many it signs.
 *
 * @module
 */
import { compareVotes } from '@folkmoot/validation'
import type { OpenedResult } from '../work-result.ts'

/** At most two results with different outputs, in the order of `compareVotes`. */
export type Cell = readonly OpenedResult[]

/** The cell with `result` in it, if it belongs there; the same cell otherwise. */
export function joinCell(cell: Cell, result: OpenedResult): Cell {
  const same = cell.find((kept) => kept.output === result.output)
  if (same !== undefined && compareVotes(same, result) <= 0) return cell
  const others = cell.filter((kept) => kept !== same)
  const joined = [...others, result].sort(compareVotes).slice(0, 2)
  return joined.includes(result) ? joined : cell
}
