/**
 * Between "Forget me" and having left: the others are told, and a seat goes back to them.
 *
 * @module
 */
import type { PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Waiting } from './waiting.tsx'

export function Leaving({ view }: { readonly view: PageView }) {
  const { leave } = words
  const seated = view.ledger?.seats.some(({ you }) => you) === true
  return (
    <Waiting title={leave.leaving}>
      <p class="large" role="status">
        {seated ? leave.givingBack : leave.telling}
      </p>
    </Waiting>
  )
}
