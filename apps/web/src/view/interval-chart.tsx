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
  /** Oldest first, at least one. */
  readonly points: readonly CoursePoint[]
  readonly total: number
  readonly reference?: string | undefined
}

const HEIGHT = 190

export function IntervalChart({ points, total, reference }: IntervalChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>(640)
  const frame = { width, height: HEIGHT, left: 44, right: 14, top: 12, bottom: 26 }
  const exact = reference ? referenceValue(reference) : null
  const { x, y, ticks } = intervalScale(points, total, frame, exact)
  const right = width - frame.right
  const floor = HEIGHT - frame.bottom
  return (
    <div class="interval" ref={ref}>
      <svg width={width} height={HEIGHT} role="img" aria-labelledby="interval-title">
        <title id="interval-title">
          {words.answer.chart(points.at(-1)?.doneUnits ?? 0, total)}
        </title>
        <clipPath id="interval-inside">
          <rect x={frame.left} y={frame.top} width={width} height={floor - frame.top} />
        </clipPath>
        {ticks.map((tick) => (
          <g key={tick} class="tick">
            <line x1={frame.left} x2={right} y1={y(tick)} y2={y(tick)} />
            <text x={frame.left - 8} y={y(tick)} dy="0.32em" text-anchor="end">
              {formatNumber(tick)}
            </text>
          </g>
        ))}
        <Band points={points} x={x} y={y} />
        {exact !== null && (
          <line class="exact-line" x1={frame.left} x2={right} y1={y(exact)} y2={y(exact)} />
        )}
        <Bracket point={points.at(-1)} x={x} y={y} />
        <g class="axis">
          <line x1={frame.left} x2={right} y1={floor} y2={floor} />
          <text x={frame.left} y={floor + 17}>
            0
          </text>
          <text x={right} y={floor + 17} text-anchor="end">
            {`${total} ${words.answer.unitsAxis}`}
          </text>
        </g>
      </svg>
    </div>
  )
}

interface Scales {
  readonly x: (units: number) => number
  readonly y: (value: number) => number
}

function Band({ points, x, y }: Scales & { readonly points: readonly CoursePoint[] }) {
  if (points.length < 2) return null
  const line = (value: (point: CoursePoint) => number): string[] =>
    points.map((point) => `${x(point.doneUnits).toFixed(1)} ${y(value(point)).toFixed(1)}`)
  const upper = line((point) => point.high)
  const lower = line((point) => point.low)
  return (
    <g clip-path="url(#interval-inside)">
      <path class="band" d={`M${upper.join('L')}L${[...lower].reverse().join('L')}Z`} />
      <path class="edge" d={`M${upper.join('L')}`} />
      <path class="edge" d={`M${lower.join('L')}`} />
      <path class="course" d={`M${line((point) => point.estimate).join('L')}`} />
    </g>
  )
}

function Bracket({ point, x, y }: Scales & { readonly point: CoursePoint | undefined }) {
  if (!point) return null
  const at = x(point.doneUnits)
  return (
    <g class="bracket">
      <line x1={at} x2={at} y1={y(point.high)} y2={y(point.low)} />
      <line x1={at - 5} x2={at + 5} y1={y(point.high)} y2={y(point.high)} />
      <line x1={at - 5} x2={at + 5} y1={y(point.low)} y2={y(point.low)} />
      <circle cx={at} cy={y(point.estimate)} r="5" />
    </g>
  )
}
