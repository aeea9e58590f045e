/**
 * Metrics that a test reads.
 *
 * @module
 */
import { type Metrics, silentMetrics } from '@folkmoot/base'
import type { Platform } from '@folkmoot/federation'

export interface Counted {
  readonly metrics: Metrics
  /** For `startLoopbackFederation({ relayPlatform })`. */
  readonly platform: (platform: Platform) => Platform
  /** How often `name` was counted with these labels, or with any. */
  of(name: string, labels?: Readonly<Record<string, string>>): number
  /** Refusals of the pipeline with this code. */
  refused(code: string): number
  /** Everything counted so far. */
  readonly all: ReadonlyMap<string, number>
}

export function countMetrics(): Counted {
  const all = new Map<string, number>()
  const metrics: Metrics = {
    ...silentMetrics,
    count: (name, labels = {}, by = 1) => {
      const key = [name, ...Object.values(labels)].join(' ')
      all.set(key, (all.get(key) ?? 0) + by)
    },
  }
  const sum = (fits: (words: string[]) => boolean) =>
    [...all].reduce((total, [key, count]) => total + (fits(key.split(' ')) ? count : 0), 0)
  return {
    metrics,
    all,
    platform: (platform) => ({ ...platform, metrics }),
    of: (name, labels = {}) =>
      sum(
        (words) => words[0] === name && Object.values(labels).every((each) => words.includes(each)),
      ),
    refused: (code) =>
      sum((words) => words[0] === 'folkmoot_federation_refused_total' && words.includes(code)),
  }
}
