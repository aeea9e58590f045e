/**
 * Where the points of a narrowing interval fall in a drawing. Pure geometry.
 *
 * @module
 */
import type { CoursePoint } from './recollection.ts'

export interface Frame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface IntervalScale {
  readonly x: (units: number) => number
  readonly y: (value: number) => number
  readonly ticks: readonly number[]
}

/** An interval never fills the drawing: there is room to see that it could be wider. */
const AIR = 1.5
/** The first intervals are so wide that they would flatten all that follows; they are cut. */
const REACH = 7

export function intervalScale(
  points: readonly CoursePoint[],
  total: number,
  frame: Frame,
  reference: number | null,
): IntervalScale {
  const last = points[points.length - 1]
  if (!last) return { x: () => frame.left, y: () => frame.top, ticks: [] }
  const half = (last.high - last.low) / 2 || Math.abs(last.estimate) / 10 || 1
  let low = last.estimate - half * AIR
  let high = last.estimate + half * AIR
  const floor = last.estimate - half * REACH
  const ceiling = last.estimate + half * REACH
  for (const point of points) {
    low = Math.min(low, Math.max(point.low, floor))
    high = Math.max(high, Math.min(point.high, ceiling))
  }
  if (reference !== null) {
    low = Math.min(low, reference)
    high = Math.max(high, reference)
  }
  const inner = {
    width: frame.width - frame.left - frame.right,
    height: frame.height - frame.top - frame.bottom,
  }
  return {
    x: (units) => frame.left + (Math.min(units, total) / Math.max(1, total)) * inner.width,
    y: (value) => frame.top + ((high - value) / (high - low)) * inner.height,
    ticks: niceTicks(low, high, 4),
  }
}

/** Round values inside the range, about `count` of them, at steps of 1, 2 or 5. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count
  if (!(raw > 0)) return []
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power
  const ticks: number[] = []
  for (let i = Math.ceil(low / step); i * step <= high; i += 1) {
    ticks.push(Number((i * step).toPrecision(12)))
  }
  return ticks
}
