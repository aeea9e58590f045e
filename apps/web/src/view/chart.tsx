/**
 * One chart with its summary and its table. The drawing library is loaded when the first
 * chart is shown.
 *
 * @module
 */
import { useEffect, useRef } from 'preact/hooks'
import type { ChartData } from '../chart-data.ts'
import { words } from '../words.ts'
import { useWidth } from './use-width.ts'

interface ChartProps {
  readonly title: string
  readonly data: ChartData
}

export function Chart({ title, data }: ChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>(0)
  const drawn = useRef<{ update(data: ChartData): void; destroy(): void } | null>(null)
  const latest = useRef(data)
  latest.current = data
  useEffect(() => {
    const element = ref.current
    if (!element || width === 0) return
    let current = true
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const draw = async () => {
      const { drawChart } = await import('../draw-chart.ts')
      if (!current) return
      drawn.current?.destroy()
      drawn.current = drawChart(element, latest.current, width)
    }
    draw()
    dark.addEventListener('change', draw)
    return () => {
      current = false
      dark.removeEventListener('change', draw)
      drawn.current?.destroy()
      drawn.current = null
    }
  }, [width])
  useEffect(() => drawn.current?.update(data), [data])
  return (
    <figure class="chart" data-kind={data.kind}>
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-keys" aria-hidden="true">
          {data.series.map((series, i) => (
            <span key={series.name} class="chart-key" data-series={i}>
              {series.name}
            </span>
          ))}
        </span>
        <span class="muted small chart-summary">{data.summary}</span>
      </figcaption>
      <div class="plot" ref={ref} aria-hidden="true" />
      <details class="fold">
        <summary>{words.history.table}</summary>
        <table>
          <thead>
            <tr>
              {data.heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.rows.map((row) => (
              <tr key={row[0]}>
                {row.map((cell, i) => (
                  <td key={data.heads[i]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
