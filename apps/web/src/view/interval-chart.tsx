/**
 * The interval narrowing as units come in: a band that closes on the answer.
 *
 * @module
 */
import { formatNumber } from '../format.ts'
import { intervalScale } from '../interval-scale.ts'
import type { CoursePoint } from '../recollection.ts'
import { referenceValue } from '../reference-value.ts'
import { words } from '../words.ts'
import { useWidth } from './use-width.ts'

interface IntervalChartProps {
  readonly points: readonly CoursePoint[]
  readonly total: number
  readonly reference?: string | undefined
}

const HEIGHT = 190

export function IntervalChart({ points, total, reference }: IntervalChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>(640)
  const last = points[points.length - 1]
  if (!last) return null
  const frame = { width, height: HEIGHT, left: 44, right: 14, top: 12, bottom: 26 }
  const exact = reference ? referenceValue(reference) : null
  const { x, y, ticks } = intervalScale(points, total, frame, exact)
  const upper = points.map((p) => `${x(p.doneUnits).toFixed(1)} ${y(p.high).toFixed(1)}`)
  const lower = points.map((p) => `${x(p.doneUnits).toFixed(1)} ${y(p.low).toFixed(1)}`)
  const middle = points.map((p) => `${x(p.doneUnits).toFixed(1)} ${y(p.estimate).toFixed(1)}`)
  const at = x(last.doneUnits)
  const floor = HEIGHT - frame.bottom
  return (
    <div class="interval" ref={ref}>
      <svg width={width} height={HEIGHT} role="img" aria-labelledby="interval-title">
        <title id="interval-title">{words.answer.chart(last.doneUnits, total)}</title>
        {ticks.map((tick) => (
          <g key={tick} class="tick">
            <line x1={frame.left} x2={width - frame.right} y1={y(tick)} y2={y(tick)} />
            <text x={frame.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">
              {formatNumber(tick)}
            </text>
          </g>
        ))}
        <path class="band" d={`M${upper.join('L')}L${[...lower].reverse().join('L')}Z`} />
        <path class="edge" d={`M${upper.join('L')}`} />
        <path class="edge" d={`M${lower.join('L')}`} />
        <path class="course" d={`M${middle.join('L')}`} />
        {exact !== null && (
          <g class="exact-line">
            <line x1={frame.left} x2={width - frame.right} y1={y(exact)} y2={y(exact)} />
          </g>
        )}
        <g class="bracket">
          <line x1={at} x2={at} y1={y(last.high)} y2={y(last.low)} />
          <line x1={at - 5} x2={at + 5} y1={y(last.high)} y2={y(last.high)} />
          <line x1={at - 5} x2={at + 5} y1={y(last.low)} y2={y(last.low)} />
          <circle cx={at} cy={y(last.estimate)} r="5" />
        </g>
        <g class="axis">
          <line x1={frame.left} x2={width - frame.right} y1={floor} y2={floor} />
          <text x={frame.left} y={floor + 17}>
            0
          </text>
          <text x={width - frame.right} y={floor + 17} text-anchor="end">
            {`${total} ${words.answer.unitsAxis}`}
          </text>
        </g>
      </svg>
    </div>
  )
}
