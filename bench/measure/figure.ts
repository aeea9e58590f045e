/**
 * A figure: what we measured of ours beside a peer or a limit in the same run, never alone.
 *
 * @module
 */

/** Median with least and most of the repetitions. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** A line that the design would like the ratio, or ours in its own unit, to reach. */
export interface Aim {
  readonly of: 'ratio' | 'ours'
  readonly atLeast?: number
  readonly atMost?: number
}

export interface Figure {
  /** What was measured, with its size: `seal, 1 KB`. */
  readonly name: string
  readonly unit: string
  readonly ours: Spread
  /** What stands beside it; null for a figure that counts by itself, such as a share. */
  readonly beside: { readonly name: string; readonly spread: Spread } | null
  /** Ours ÷ beside, repetition by repetition; null where nothing stands beside. */
  readonly ratio: Spread | null
  readonly aims: readonly Aim[]
  readonly repetitions: number
}

export interface FigureInit {
  readonly name: string
  readonly unit: string
  /** One value a repetition; the n-th of both sides were measured one after the other. */
  readonly ours: readonly number[]
  readonly beside?: { readonly name: string; readonly samples: readonly number[] }
  readonly aims?: readonly Aim[]
}

export function figure({ name, unit, ours, beside, aims = [] }: FigureInit): Figure {
  return {
    name,
    unit,
    ours: spreadOf(ours),
    beside: beside === undefined ? null : { name: beside.name, spread: spreadOf(beside.samples) },
    ratio:
      beside === undefined ? null : spreadOf(ours.map((value, i) => value / beside.samples[i]!)),
    aims,
    repetitions: ours.length,
  }
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b)
  return { median: median(sorted), min: sorted[0]!, max: sorted.at(-1)! }
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Whether the median reaches the aim. */
export function isReached(aim: Aim, { ours, ratio }: Figure): boolean {
  const value = (aim.of === 'ours' ? ours : ratio)?.median
  if (value === undefined) return false
  return value >= (aim.atLeast ?? -Infinity) && value <= (aim.atMost ?? Infinity)
}
