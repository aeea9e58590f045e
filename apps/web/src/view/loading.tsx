/**
 * The first paint: says what is being looked at, and that nothing has happened yet.
 *
 * @module
 */
import { words } from '../words.ts'
import { Mark } from './mark.tsx'

export function Loading({ invited }: { readonly invited: boolean }) {
  const { loading } = words
  return (
    <main class="column centred" aria-busy="true">
      <span class="breathing">
        <Mark size={56} />
      </span>
      <h1 class="title">{loading.title}</h1>
      <p class="muted">{invited ? loading.withInvitation : loading.withoutInvitation}</p>
      <p class="muted small">{loading.nothingYet}</p>
    </main>
  )
}
