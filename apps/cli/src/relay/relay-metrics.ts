/**
 * The relay's metrics: `Metrics` of `base` over prom-client.
 *
 * @module
 */
import type { Metrics } from '@folkmoot/base'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface RelayMetrics extends Metrics {
  readonly registry: Registry
  /** Refusals by fault code since the start. */
  refused(): Record<string, number>
}

/** More codes than this are counted as `other`: a label must not grow with what strangers send. */
const maxCodes = 200

export function createRelayMetrics(): RelayMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  const refusals = new Map<string, number>()
  const names = (labels: Readonly<Record<string, string>>) => Object.keys(labels)

  return {
    registry,
    refused: () => Object.fromEntries(refusals),
    count: (name, labels = {}, by = 1) => {
      if (labels.code !== undefined && name === 'folkmoot_federation_refused_total') {
        const code = refusals.size < maxCodes ? labels.code : 'other'
        refusals.set(code, (refusals.get(code) ?? 0) + by)
      }
      let counter = counters.get(name)
      if (counter === undefined) {
        counter = new Counter({
          name,
          help: name,
          labelNames: names(labels),
          registers: [registry],
        })
        counters.set(name, counter)
      }
      counter.inc(labels, by)
    },
    gauge: (name, value, labels = {}) => {
      let gauge = gauges.get(name)
      if (gauge === undefined) {
        gauge = new Gauge({ name, help: name, labelNames: names(labels), registers: [registry] })
        gauges.set(name, gauge)
      }
      gauge.set(labels, value)
    },
    observe: (name, value, labels = {}) => {
      let histogram = histograms.get(name)
      if (histogram === undefined) {
        histogram = new Histogram({
          name,
          help: name,
          labelNames: names(labels),
          registers: [registry],
        })
        histograms.set(name, histogram)
      }
      histogram.observe(labels, value)
    },
  }
}
