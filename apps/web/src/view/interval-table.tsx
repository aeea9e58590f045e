/**
 * The same numbers as the drawing, for those who read rather than look.
 *
 * @module
 */
import { formatNumber } from '../format.ts'
import type { CoursePoint } from '../recollection.ts'
import { words } from '../words.ts'

interface IntervalTableProps {
  readonly points: readonly CoursePoint[]
  readonly facts: readonly (readonly [string, number])[]
}

/** A table of hundreds of rows reads no better than one of a dozen. */
const ROWS = 12

export function IntervalTable({ points, facts }: IntervalTableProps) {
  const stride = Math.max(1, Math.ceil(points.length / ROWS))
  const rows = points.filter((_, i) => (points.length - 1 - i) % stride === 0)
  return (
    <details class="fold">
      <summary>{words.answer.tableSummary}</summary>
      <table>
        <thead>
          <tr>
            {words.answer.tableHeads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((p) => (
            <tr key={p.doneUnits}>
              <td>{p.doneUnits}</td>
              <td>{formatNumber(p.estimate)}</td>
              <td>{formatNumber(p.low)}</td>
              <td>{formatNumber(p.high)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {facts.length > 0 && (
        <p class="muted small">
          {`${words.facts}: ${facts.map(([name, value]) => `${name} ${formatNumber(value)}`).join(', ')}`}
        </p>
      )}
    </details>
  )
}
