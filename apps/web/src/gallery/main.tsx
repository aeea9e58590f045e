/**
 * Renders one state of the page, `gallery.html?state=joined`, or a list of them all. For
 * screenshots and checks of accessibility; not part of the production build.
 *
 * @module
 */
import { signal } from '@preact/signals'
import { render } from 'preact'
import { idleActions } from '../idle-actions.ts'
import { App } from '../view/app.tsx'
import { states } from './states.ts'

const name = new URLSearchParams(location.search).get('state') ?? ''
const shown = states[name]
const root = document.getElementById('page')

function List() {
  return (
    <main class="column">
      <h1 class="title">Gallery</h1>
      <ul class="plain" id="states">
        {Object.keys(states).map((key) => (
          <li key={key}>
            <a href={`?state=${key}`}>{key}</a>
          </li>
        ))}
      </ul>
    </main>
  )
}

if (root) {
  const page = shown && (
    <App
      view={signal(shown.view)}
      recollection={signal(shown.recollection)}
      actions={idleActions}
      invited={true}
    />
  )
  render(page ?? <List />, root)
}
