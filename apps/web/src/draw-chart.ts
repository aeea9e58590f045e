/**
 * Draws a chart with uPlot in the page's own colours. Loaded on demand.
 *
 * @module
 */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ChartData } from './chart-data.ts'

const HEIGHT = 160
/** Distances at which the axis of time may be labelled, in ms. */
const MINUTES = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 240].map((minutes) => minutes * 60_000)

export interface DrawnChart {
  update(data: ChartData): void
  destroy(): void
}

export function drawChart(element: HTMLElement, data: ChartData, width: number): DrawnChart {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const font = `12px ${style.fontFamily}`
  const axis = {
    stroke: colour('--muted'),
    font,
    ticks: { show: false },
    grid: { stroke: colour('--line'), width: 1 },
  }
  const bars = data.kind === 'bars'
  const count = data.series.length
  const plot = new uPlot(
    {
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      padding: [12, bars ? 8 : 20, 0, 0],
      scales: {
        x: {
          time: false,
          ...(bars ? { range: () => [-0.6, data.x.length - 0.4] as [number, number] } : {}),
        },
        y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 30,
          space: bars ? 40 : 90,
          ...(bars ? {} : { incrs: MINUTES }),
          ...(bars ? { splits: () => [...data.x] } : {}),
          values: (_, splits) => splits.map(data.xName),
        },
        { ...axis, size: 64, space: 40, values: (_, splits) => splits.map(data.yName) },
      ],
      series: [
        {},
        ...data.series.map((series, i) => ({
          label: series.name,
          stroke: colour(i === 0 ? '--accent' : '--muted'),
          width: 2,
          points: { show: false },
          ...(i > 0 && !bars ? { dash: [5, 4] } : {}),
          ...(bars ? barSeries(i, count, colour(i === 0 ? '--accent' : '--line-strong')) : {}),
        })),
      ],
    },
    columns(data),
    element,
  )
  return {
    update: (next) => plot.setData(columns(next)),
    destroy: () => plot.destroy(),
  }
}

function columns(data: ChartData): uPlot.AlignedData {
  return [[...data.x], ...data.series.map((series) => [...series.values])] as uPlot.AlignedData
}

/** Bars of one group stand side by side, each a share of the group's room. */
function barSeries(index: number, count: number, fill: string) {
  const paths = uPlot.paths.bars?.({ size: [0.5 / count, 36], align: index === 0 ? -1 : 1 })
  return { fill, width: 0, ...(paths ? { paths } : {}) }
}
