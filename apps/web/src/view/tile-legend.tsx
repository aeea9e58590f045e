/**
 * What each tile's shape means, and how many there are of it.
 *
 * @module
 */
import { countTiles, legendStates } from '../tile-summary.ts'
import type { Tile } from '../view-model.ts'
import { words } from '../words.ts'
import { TileGlyph } from './tile-glyph.tsx'

export function TileLegend({ tiles }: { readonly tiles: readonly Tile[] }) {
  const counts = countTiles(tiles)
  return (
    <ul class="legend">
      {legendStates(counts).map((state) => (
        <li key={state} title={words.tiles.hints[state]}>
          <TileGlyph state={state} />
          <span>{words.tiles.states[state]}</span>
          <span class="count">{counts[state]}</span>
        </li>
      ))}
      <li>
        <span class="tile yours-sample" data-mine="agreed" aria-hidden="true" />
        <span>{words.tiles.yours}</span>
      </li>
    </ul>
  )
}
