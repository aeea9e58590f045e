/**
 * The two charts as data: what is drawn, what is said, and what the table holds.
 *
 * @module
 */
import { formatLatency, formatNumber, formatSpan } from './format.ts'
import type { PageView, StageLatency } from './view-model.ts'
import { words } from './words.ts'

export interface ChartSeries {
  readonly name: string
  readonly values: readonly number[]
}

export interface ChartData {
  readonly kind: 'lines' | 'bars'
  /** Positions along the axis; for bars 0, 1, 2 and so on. */
  readonly x: readonly number[]
  readonly series: readonly ChartSeries[]
  /** What a position is called. */
  readonly xName: (x: number) => string
  readonly yName: (y: number) => string
  readonly summary: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const TABLE_ROWS = 10

/** Units per minute; null until two buckets are full. */
export function rateChart({ bucketMs, mine, all }: PageView['history']): ChartData | null {
  const text = words.history
  const count = Math.min(mine.length, all.length)
  if (count < 2) return null
  const own = mine.slice(-count)
  const everyone = all.slice(-count)
  const ago = Array.from({ length: count }, (_, i) => (i - count + 1) * bucketMs)
  const perMinute = (value: number): string => formatNumber(Math.round(value * 10) / 10)
  const rows = ago.map((ms, i) => [
    formatSpan(-ms),
    perMinute(own[i] ?? 0),
    perMinute(everyone[i] ?? 0),
  ])
  return {
    kind: 'lines',
    x: ago,
    series: [
      { name: text.mine, values: own },
      { name: text.all, values: everyone },
    ],
    xName: (ms) => (ms === 0 ? text.now : `−${formatSpan(-ms)}`),
    yName: perMinute,
    summary: text.rateSummary(perMinute(own.at(-1) ?? 0), perMinute(everyone.at(-1) ?? 0)),
    heads: [text.ago, text.mine, text.all],
    rows: rows.slice(-TABLE_ROWS).reverse(),
  }
}

/** Time per stage; null until something was measured. */
export function latencyChart(stages: readonly StageLatency[]): ChartData | null {
  const text = words.history
  const longest = [...stages].sort((a, b) => b.medianMs - a.medianMs)[0]
  if (!longest) return null
  return {
    kind: 'bars',
    x: stages.map((_, i) => i),
    series: [
      { name: text.median, values: stages.map((stage) => stage.medianMs) },
      { name: text.slow, values: stages.map((stage) => stage.slowMs) },
    ],
    xName: (i) => stages[i]?.stage ?? '',
    yName: formatLatency,
    summary: text.latencySummary(longest.stage, formatLatency(longest.medianMs)),
    heads: [text.stage, text.median, text.slow],
    rows: stages.map((s) => [s.stage, formatLatency(s.medianMs), formatLatency(s.slowMs)]),
  }
}
