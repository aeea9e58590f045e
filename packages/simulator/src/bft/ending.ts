/**
 * How a simulated federation must end once its trouble is over: an operation submitted now is final
 * everywhere within the promised time, and the logs agree.
 *
 * @module
 */
import { faultWeight } from '@folkmoot/consensus'
import { broken, type CampaignRun } from '../campaigns/campaign.ts'
import type { Federation } from './federation.ts'

/** Δ grows by this with every failed view; as the design states it. */
const BACK_OFF = 1.5

export interface EndingInit {
  readonly deltaMs: number
  /** For the words of a failure. */
  readonly because?: string
  /**
   * Times the promised bound. While a tenth of all messages goes on being lost, views fail by
   * chance, and the bound holds in most runs and not in all.
   */
  readonly patience?: number
}

/** Adds a violation unless an operation submitted now is final at every honest member in time. */
export function expectProgress(federation: Federation, init: EndingInit): void {
  const { world, monitor, honest, at, submit, isFinalEverywhere } = federation
  const { deltaMs, patience = 1, because = 'after healing' } = init
  const views = honest.flatMap((address) => at(address)?.view() ?? [])
  const failed = views.map(({ view, finalView }) => view - finalView - 2)
  const slowest = Math.min(60_000, deltaMs * BACK_OFF ** Math.max(0, ...failed))
  const epoch = Math.max(...views.map((view) => view.epoch))
  const f = faultWeight(monitor.setOf(epoch) ?? federation.genesis)
  const boundMs = (2 * (f + 1) * 3 * slowest + 3_000) * patience
  const up = honest.filter((address) => at(address) !== undefined)
  const begun = world.events.now
  const id = submit(world.random.fork(because).pick(up), 'say alive')
  if (world.run(begun + boundMs, () => isFinalEverywhere(id))) return
  const later = world.run(begun + 20 * boundMs, () => isFinalEverywhere(id))
  const took = later ? `took ${Math.round(world.events.now - begun)}` : 'never was'
  const stands = up.map((address) => {
    const { epoch, view, finalView, finalHeight } = at(address)!.view()
    return `${address} ${epoch}/${finalView} current ${view} height ${finalHeight}`
  })
  const text = `${because}, nothing was final everywhere within ${Math.round(boundMs)} ms (${took})`
  monitor.violations.push(broken('liveness', `${text} (${stands.join('; ')})`))
}

/** What one seed came to. */
export function conclude(federation: Federation): CampaignRun {
  const { world, monitor } = federation
  const { violations, forks, halts } = monitor
  const threw = world.failures.map(({ address, error }) => {
    return broken('halt', `${address} threw ${error instanceof Error ? error.stack : error}`)
  })
  return {
    hash: world.trace.hash(),
    violations: [...violations, ...forks, ...halts.map((halt) => broken('halt', halt)), ...threw],
    counts: {
      events: world.trace.length,
      'final blocks': monitor.decided.length,
      votes: monitor.votes,
      crashes: world.crashes,
    },
    lines: world.trace.lines(),
  }
}
