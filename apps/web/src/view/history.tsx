/**
 * How fast it goes, and what takes the time: two charts, each also in words and as a table.
 *
 * @module
 */
import { latencyChart, rateChart } from '../chart-data.ts'
import type { PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Chart } from './chart.tsx'
import { Region } from './region.tsx'

export function History({ view }: { readonly view: PageView }) {
  const { history } = words
  const rate = rateChart(view.history)
  const latency = latencyChart(view.latency)
  return (
    <Region
      id="history"
      title={words.regions.history}
      lead={rate || latency ? history.lead : history.empty}
    >
      {rate && <Chart title={history.rate} data={rate} />}
      {latency && <Chart title={history.latency} data={latency} />}
    </Region>
  )
}
