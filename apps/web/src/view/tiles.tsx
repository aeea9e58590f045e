/**
 * A tile for each unit, and what the one under the pointer or the focus is about.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import { settledUnits } from '../peek.ts'
import { describeTile, summarizeTiles } from '../tile-summary.ts'
import type { PageView, Tile } from '../view-model.ts'
import { words } from '../words.ts'
import { TileBar } from './tile-bar.tsx'
import { TileGlyph } from './tile-glyph.tsx'
import { TileLegend } from './tile-legend.tsx'

/** Beyond this one tile per unit is a texture, not information, and costs the tab time. */
const MAX_TILES = 600

export function Tiles({ view }: { readonly view: PageView }) {
  const { tiles } = view
  const chosen = useSignal<number | null>(null)
  if (tiles.length === 0) return null
  const shown = tiles.find((tile) => tile.unit === chosen.value)
  const many = tiles.length > MAX_TILES
  return (
    <section class="units" aria-labelledby="units-title">
      <div class="region-head">
        <h2 id="units-title">{words.tiles.heading}</h2>
        <span class="muted">{words.tiles.settled(settledUnits(view), tiles.length)}</span>
      </div>
      <p class="visually-hidden">{summarizeTiles(tiles)}</p>
      {many ? (
        <TileBar tiles={tiles} />
      ) : (
        <TileGrid
          tiles={tiles}
          chosen={chosen.value}
          onChoose={(unit) => {
            chosen.value = unit
          }}
        />
      )}
      <TileLegend tiles={tiles} />
      {!many && <p class="unit-line muted small">{shown ? describeTile(shown) : hint()}</p>}
    </section>
  )
}

/** A finger does not hover, and has no arrow keys. */
function hint(): string {
  return matchMedia('(hover: none)').matches ? words.tiles.hintTouch : words.tiles.hint
}

interface TileGridProps {
  readonly tiles: readonly Tile[]
  readonly chosen: number | null
  readonly onChoose: (unit: number | null) => void
}

function TileGrid({ tiles, chosen, onChoose }: TileGridProps) {
  const stop = Math.max(
    0,
    tiles.findIndex((tile) => tile.unit === chosen),
  )
  const move = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const to = nextTile(event.key, stop, event.currentTarget)
    if (to === null) return
    event.preventDefault()
    const tile = event.currentTarget.children[to] as HTMLElement | undefined
    tile?.focus()
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: tiles are no form
    <div
      class="tiles"
      role="group"
      aria-label={words.tiles.heading}
      onKeyDown={move}
      onPointerLeave={() => onChoose(null)}
    >
      {tiles.map((tile, i) => (
        <button
          key={tile.unit}
          type="button"
          class="tile"
          data-unit={tile.unit}
          data-state={tile.state}
          data-mine={tile.mine}
          aria-label={describeTile(tile)}
          tabIndex={i === stop ? 0 : -1}
          onFocus={() => onChoose(tile.unit)}
          onPointerEnter={() => onChoose(tile.unit)}
        >
          <TileGlyph state={tile.state} />
        </button>
      ))}
    </div>
  )
}

/** The tile that an arrow key leads to; up and down go by the row as it is laid out. */
function nextTile(key: string, from: number, grid: HTMLElement): number | null {
  const count = grid.children.length
  const columns = getComputedStyle(grid).gridTemplateColumns.split(' ').length
  const steps: Record<string, number> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
  }
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const step = steps[key]
  if (step === undefined) return null
  const to = from + step
  return to >= 0 && to < count ? to : from
}
