/**
 * Between Join and joined: each step in words.
 *
 * @module
 */
import type { PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Mark } from './mark.tsx'

export function Joining({ view }: { readonly view: PageView }) {
  return (
    <main class="column centred" aria-busy="true">
      <span class="breathing">
        <Mark size={56} />
      </span>
      <h1 class="title">{words.joining.title}</h1>
      <p class="large" role="status">
        {view.joiningStep ?? words.joining.steps[0]}
      </p>
      <p class="muted small">{view.study?.question}</p>
    </main>
  )
}
