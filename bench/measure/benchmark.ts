/**
 * What a benchmark is to `run.ts`.
 *
 * @module
 */
import type { Figure } from './figure.ts'

export interface Effort {
  /** Counted repetitions of each lane. */
  readonly repetitions: number
  /** Work in one repetition, as a share of the full size: 1, or less with `--quick`. */
  readonly size: number
}

export interface Benchmark {
  readonly title: string
  /** Measures and gives each figure to `report` as soon as it has it. */
  run(effort: Effort, report: (figure: Figure) => void): Promise<void>
}

/** `full` things at this effort, and never none. */
export function scaled(full: number, { size }: Effort): number {
  return Math.max(1, Math.round(full * size))
}
