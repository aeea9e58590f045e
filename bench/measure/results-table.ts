/**
 * The table of a run, in Markdown, so that it can be pasted into the README as it is.
 *
 * @module
 */
import { type Aim, type Figure, isReached, type Spread } from './figure.ts'

const head = ['What', 'Beside', 'Ours', 'Theirs', 'Ratio (min–max)', 'Aim', '']

export function resultsTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    figure.beside?.name ?? '–',
    `${short(figure.ours.median)} ${figure.unit}`,
    figure.beside === null ? '–' : `${short(figure.beside.spread.median)} ${figure.unit}`,
    figure.ratio === null
      ? `(${short(figure.ours.min)}–${short(figure.ours.max)})`
      : spread(figure.ratio),
    figure.aims.map((aim) => aimText(aim, figure.unit)).join(', ') || '–',
    figure.aims.length === 0
      ? ''
      : figure.aims.every((aim) => isReached(aim, figure))
        ? 'reached'
        : 'missed',
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function aimText({ of, atLeast, atMost }: Aim, unit: string): string {
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`
  return of === 'ratio' ? `${bound}×` : `${bound} ${unit}`
}

function spread({ median, min, max }: Spread): string {
  return `${factor(median)}× (${factor(min)}–${factor(max)})`
}

/** Two decimals, and two digits where that would leave nothing. */
function factor(value: number): string {
  return value < 0.1 ? String(Number(value.toPrecision(2))) : value.toFixed(2)
}

/** Three digits that mean something. */
function short(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}
