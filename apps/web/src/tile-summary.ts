/**
 * What the tiles say as text: counts by state, and one unit in a sentence.
 *
 * @module
 */
import type { Tile } from './view-model.ts'
import { words } from './words.ts'

export type TileState = Tile['state']

/** From nothing done to done for good; disputes last. */
export const tileStates: readonly TileState[] = [
  'waiting',
  'computing',
  'provisional',
  'accepted',
  'final',
  'disputed',
]

export function countTiles(tiles: readonly Tile[]): Record<TileState, number> {
  const counts = { waiting: 0, computing: 0, provisional: 0, accepted: 0, final: 0, disputed: 0 }
  for (const tile of tiles) counts[tile.state] += 1
  return counts
}

/** States that the legend names: a dispute only where there is one. */
export function legendStates(counts: Record<TileState, number>): TileState[] {
  return tileStates.filter((state) => state !== 'disputed' || counts.disputed > 0)
}

export function summarizeTiles(tiles: readonly Tile[]): string {
  const counts = countTiles(tiles)
  const parts = tileStates
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${words.tiles.states[state]}`)
  return words.tiles.summary(parts, tiles.length)
}

/** One unit, its state, your part in it, and who confirmed it. */
export function describeTile(tile: Tile): string {
  const parts = [
    `${words.tiles.unit(tile.unit)}: ${words.tiles.states[tile.state]}`,
    words.tiles.mine[tile.mine],
    tile.confirmedBy.length > 0 ? words.tiles.confirmed(tile.confirmedBy) : '',
    tile.why ?? '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
