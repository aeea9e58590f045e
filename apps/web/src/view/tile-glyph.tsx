/**
 * The sign of a unit's state. Each has its own shape, so that no colour is needed to tell
 * them apart: empty, dot, half, smaller square, full with a tick, cross.
 *
 * @module
 */
import type { TileState } from '../tile-summary.ts'

const shapes: Record<TileState, string> = {
  waiting: '',
  computing: 'M10 7a3 3 0 1 1 0 6a3 3 0 0 1 0-6Z',
  provisional: 'M2 18V6a4 4 0 0 1 4-4h12Z',
  accepted:
    'M6.2 7.4a1.2 1.2 0 0 1 1.2-1.2h5.2a1.2 1.2 0 0 1 1.2 1.2v5.2a1.2 1.2 0 0 1-1.2 1.2H7.4a1.2 1.2 0 0 1-1.2-1.2Z',
  final: 'M5.6 10.4l3 3 5.8-6.2',
  disputed: 'M6.5 6.5l7 7M13.5 6.5l-7 7',
}

export function TileGlyph({ state }: { readonly state: TileState }) {
  return (
    <svg class="glyph" data-state={state} viewBox="0 0 20 20" aria-hidden="true">
      <rect x="2" y="2" width="16" height="16" rx="4" />
      {shapes[state] && <path d={shapes[state]} />}
    </svg>
  )
}
