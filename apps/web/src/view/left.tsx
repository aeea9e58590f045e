/**
 * After "leave and forget me": what is gone, and what stays with the others.
 *
 * @module
 */
import { shortPeer } from '../format.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'

interface LeftProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function Left({ view, actions }: LeftProps) {
  const { left } = words
  const { peerId, now, revocationPublished } = view
  const stays = left.staysList(now.mineFinal, peerId ? shortPeer(peerId) : '', revocationPublished)
  return (
    <main class="column left">
      <p class="kicker">{left.thanks}</p>
      <h1 class="question">{left.title}</h1>
      <p class="large">{revocationPublished ? left.text : left.textUnpublished}</p>
      <div class="remedy">
        <h2>{left.stays}</h2>
        <ul class="plain">
          {stays.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      <p class="actions">
        <button type="button" class="secondary" onClick={() => actions.downloadRevocation()}>
          {left.revocation}
        </button>
        <span class="muted small">{left.revocationHint}</span>
      </p>
    </main>
  )
}
