/**
 * Keeps the page's own memory of earlier views beside the view itself.
 *
 * @module
 */
import { effect, type ReadonlySignal, signal } from '@preact/signals'
import { nothingRecalled, type Recollection, recollect } from './recollection.ts'
import type { PageView } from './view-model.ts'

export function followRecollection(view: ReadonlySignal<PageView>): ReadonlySignal<Recollection> {
  const recollection = signal(nothingRecalled)
  effect(() => {
    recollection.value = recollect(recollection.peek(), view.value)
  })
  return recollection
}
