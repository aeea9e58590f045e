/**
 * The tab's title: enough to see how it goes from another tab.
 *
 * @module
 */
import { settledUnits } from './peek.ts'
import type { PageView } from './view-model.ts'
import { words } from './words.ts'

export function pageTitle(view: PageView): string {
  const state = stateOf(view)
  return state === '' ? words.product : `${state} · ${words.product}`
}

function stateOf(view: PageView): string {
  if (view.phase === 'refused') return view.refusal?.title ?? ''
  if (view.phase === 'invited') return words.title.invited
  if (view.phase === 'joining') return words.joining.title
  if (view.phase === 'finished') return words.finished.kicker
  if (view.phase === 'leaving') return words.leave.leaving
  if (view.phase === 'left') return words.left.title
  if (view.phase !== 'joined') return ''
  const progress = `${settledUnits(view)}/${view.study?.units ?? 0}`
  return view.now.paused ? `${words.now.paused} ${progress}` : progress
}
