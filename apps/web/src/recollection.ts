/**
 * What the page itself remembers of earlier views, to draw how the answer narrowed and to
 * name the latest confirmations. Pure; lost on reload, and nothing depends on it.
 *
 * @module
 */
import type { AnswerView, PageView, Tile } from './view-model.ts'

export interface CoursePoint {
  readonly doneUnits: number
  readonly estimate: number
  readonly low: number
  readonly high: number
}

export interface Confirmation {
  readonly unit: number
  readonly by: readonly string[]
}

export interface Recollection {
  readonly course: readonly CoursePoint[]
  /** Newest first, at most three. */
  readonly confirmations: readonly Confirmation[]
}

export const nothingRecalled: Recollection = { course: [], confirmations: [] }

/** More points than this are thinned: a narrower drawing would not show them. */
const MAX_POINTS = 240
const MAX_CONFIRMATIONS = 3

export function recollect(
  before: Recollection,
  view: Pick<PageView, 'answer' | 'tiles'>,
): Recollection {
  const course = extendCourse(before.course, view.answer)
  const confirmations = latestConfirmations(before.confirmations, view.tiles)
  if (course === before.course && confirmations === before.confirmations) return before
  return { course, confirmations }
}

function extendCourse(
  course: readonly CoursePoint[],
  answer: AnswerView | null,
): readonly CoursePoint[] {
  if (!answer) return course.length === 0 ? course : []
  const last = course.at(-1)
  const { doneUnits, estimate, low, high } = answer
  if (last?.doneUnits === doneUnits && last.low === low && last.high === high) return course
  // Fewer units than before means another study, or a result rolled back.
  const kept = course.filter((point) => point.doneUnits < doneUnits)
  const next = [...kept, { doneUnits, estimate, low, high }]
  return next.length <= MAX_POINTS ? next : next.filter((_, i) => i % 2 === 1)
}

function latestConfirmations(
  before: readonly Confirmation[],
  tiles: readonly Tile[],
): readonly Confirmation[] {
  const now = tiles.filter((tile) => tile.mine === 'agreed' && tile.confirmedBy.length > 0)
  const units = new Set(now.map((tile) => tile.unit))
  const kept = before.filter((known) => units.has(known.unit))
  const fresh = now
    .filter((tile) => !before.some((known) => known.unit === tile.unit))
    .slice(-MAX_CONFIRMATIONS)
    .reverse()
    .map((tile) => ({ unit: tile.unit, by: tile.confirmedBy }))
  if (fresh.length === 0 && kept.length === before.length) return before
  return [...fresh, ...kept].slice(0, MAX_CONFIRMATIONS)
}
