/**
 * The first paint: says what is being looked at, and that nothing has happened yet.
 *
 * @module
 */
import { words } from '../words.ts'
import { Waiting } from './waiting.tsx'

export function Loading({ invited }: { readonly invited: boolean }) {
  const { loading } = words
  return (
    <Waiting title={loading.title}>
      <p class="muted">{invited ? loading.withInvitation : loading.withoutInvitation}</p>
      <p class="muted small">{loading.nothingYet}</p>
    </Waiting>
  )
}
