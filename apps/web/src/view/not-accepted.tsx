/**
 * Tells the owner of this tab which of its results others contradict, and why that matters.
 *
 * @module
 */
import type { Tile } from '../view-model.ts'
import { words } from '../words.ts'

const SHOWN = 5

export function NotAccepted({ tiles }: { readonly tiles: readonly Tile[] }) {
  const refused = tiles.filter((tile) => tile.mine === 'not-accepted')
  if (refused.length === 0) return null
  const { notAccepted } = words
  return (
    <section class="not-accepted" aria-labelledby="not-accepted-title">
      <h2 id="not-accepted-title">{notAccepted.title(refused.length)}</h2>
      <p>{notAccepted.text}</p>
      <ul class="plain">
        {refused.slice(0, SHOWN).map((tile) => (
          <li key={tile.unit}>
            <strong>{words.tiles.unit(tile.unit)}</strong>
            {tile.why ? ` ${tile.why}` : ''}
          </li>
        ))}
      </ul>
      {refused.length > SHOWN && (
        <p class="muted small">{notAccepted.more(refused.length - SHOWN)}</p>
      )}
    </section>
  )
}
