/**
 * Thousands of units as one bar, in parts as long as there are units in each state.
 *
 * @module
 */
import { countTiles, summarizeTiles, tileStates } from '../tile-summary.ts'
import type { Tile } from '../view-model.ts'

export function TileBar({ tiles }: { readonly tiles: readonly Tile[] }) {
  const counts = countTiles(tiles)
  const order = [...tileStates].reverse()
  return (
    <div class="tile-bar" role="img" aria-label={summarizeTiles(tiles)}>
      {order
        .filter((state) => counts[state] > 0)
        .map((state) => (
          <span key={state} data-state={state} style={{ flexGrow: counts[state] }} />
        ))}
    </div>
  )
}
