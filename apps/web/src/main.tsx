/**
 * The shell: paints at once, asks the browser for what is needed, and only then loads the
 * session, which brings the network with it when the volunteer joins.
 *
 * @module
 */
import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import { emptyView } from './empty-view.ts'
import { missingFrom } from './environment.ts'
import { followRecollection } from './follow-recollection.ts'
import { idleActions } from './idle-actions.ts'
import { pageTitle } from './page-title.ts'
import { peek } from './peek.ts'
import { refusalOf } from './refusals.ts'
import { App } from './view/app.tsx'
import type { PageActions } from './view-model.ts'

const view = signal(emptyView(location.origin))
const recollection = followRecollection(view)
const session = signal<PageActions>(idleActions)

Object.defineProperty(window, 'folkmoot', {
  value: Object.freeze({ peek: () => peek(view.value) }),
})

effect(() => {
  document.title = pageTitle(view.value)
})

function Page() {
  return (
    <App
      view={view}
      recollection={recollection}
      actions={session.value}
      invited={location.hash.startsWith('#join=')}
    />
  )
}

async function start(): Promise<void> {
  const refusal = await missingFrom(window)
  if (refusal) {
    view.value = { ...view.value, phase: 'refused', refusal }
    return
  }
  const { startSession } = await import('./session/index.ts')
  session.value = startSession(view)
}

const root = document.getElementById('page')
if (root) {
  root.replaceChildren()
  render(<Page />, root)
}
start().catch((error: unknown) => {
  const detail = error instanceof Error ? error.message : String(error)
  view.value = { ...view.value, phase: 'refused', refusal: refusalOf('page/unexpected', detail) }
})
