/**
 * What runs behind the page. Until the peer is wired in, it says so and does nothing.
 *
 * @module
 */
import type { Signal } from '@preact/signals'
import { idleActions } from '../idle-actions.ts'
import { refusalOf } from '../refusals.ts'
import type { PageActions, PageView } from '../view-model.ts'

/** Fills the view and returns what a person can do on the page. */
export function startSession(view: Signal<PageView>): PageActions {
  const refusal = refusalOf('page/unexpected', 'This build of the page has no peer in it.')
  view.value = { ...view.value, phase: 'refused', refusal }
  return idleActions
}
