/**
 * How a simulated federation must end once its trouble is over: an operation submitted now is final
 * everywhere within the promised time, and the logs agree.
 *
 * @module
 */
import { faultWeight, type VoterSet } from '@folkmoot/consensus'
import { broken, type CampaignRun, ENDINGS, IN_TIME } from '../campaigns/campaign.ts'
import type { Federation } from './federation.ts'

/** Δ grows by this with every failed view; as the design states it. */
const BACK_OFF = 1.5

export interface EndingInit {
  readonly deltaMs: number
  /** For the words of a failure. */
  readonly because?: string
  /**
   * Times the promised bound, for one run. While a tenth of all messages goes on being lost, views
   * fail by chance, and the bound holds in most runs and not in all; how many of a campaign's runs
   * keep to it is counted, see `tooSlow`.
   */
  readonly patience?: number
}

/**
 * Adds a violation unless an operation submitted now is final at every honest member in time, and
 * whatever is read there passes.
 */
export function expectProgress(federation: Federation, init: EndingInit): void {
  const { world, monitor, honest, at, submit, isFinalEverywhere } = federation
  const { deltaMs, patience = 1, because = 'after healing' } = init
  const views = honest.flatMap((address) => at(address)?.view() ?? [])
  const failed = views.map(({ view, finalView }) => view - finalView - 2)
  const slowest = Math.min(60_000, deltaMs * BACK_OFF ** Math.max(0, ...failed))
  const epoch = Math.max(...views.map((view) => view.epoch))
  const f = mostFaulty(monitor.setOf(epoch) ?? federation.genesis)
  const promisedMs = 2 * (f + 1) * 3 * slowest + 3_000
  const boundMs = promisedMs * patience
  const up = honest.filter((address) => at(address) !== undefined)
  const begun = world.events.now
  federation.endings.all += 1
  const id = submit(world.random.fork(because).pick(up), 'say alive')
  for (const address of up) world.processes.get(address)!.input({ type: 'barrier-asked' })
  const isThrough = () => isFinalEverywhere(id) && !up.some((each) => monitor.isReading(each))
  if (world.run(begun + boundMs, isThrough)) {
    federation.endings.inTime += world.events.now - begun <= promisedMs ? 1 : 0
    return
  }
  const reads = isFinalEverywhere(id) ? ', though final: a read did not pass' : ''
  const later = world.run(begun + 20 * boundMs, isThrough)
  const took = later ? `took ${Math.round(world.events.now - begun)}` : 'never was'
  const stands = up.map((address) => {
    const { epoch, view, finalView, finalHeight } = at(address)!.view()
    return `${address} ${epoch}/${finalView} current ${view} height ${finalHeight}`
  })
  const text = `${because}, nothing was final and readable everywhere within ${Math.round(boundMs)} ms (${took}${reads})`
  monitor.violations.push(broken('liveness', `${text} (${stands.join('; ')})`))
}

/** How many members may be faulty at once: as many leaders may have to be skipped in a row. */
function mostFaulty(set: VoterSet): number {
  let left = faultWeight(set)
  const weights = set.voters.map(({ weight }) => weight).sort((a, b) => a - b)
  const over = weights.findIndex((weight) => {
    left -= weight
    return left < 0
  })
  return over === -1 ? weights.length : over
}

/** Programs that threw. */
export function thrown({ world }: Federation): string[] {
  return world.failures.map(({ address, error }) => {
    return broken('halt', `${address} threw ${error instanceof Error ? error.stack : error}`)
  })
}

/** What one seed came to. */
export function conclude(federation: Federation): CampaignRun {
  const { world, monitor, endings } = federation
  const { violations, forks, halts } = monitor
  const threw = thrown(federation)
  return {
    hash: world.trace.hash(),
    violations: [...violations, ...forks, ...halts.map((halt) => broken('halt', halt)), ...threw],
    counts: {
      events: world.trace.length,
      'final blocks': monitor.decided.length,
      votes: monitor.votes,
      reads: monitor.reads,
      crashes: world.crashes,
      ...(endings.all > 0 && { [ENDINGS]: endings.all, [IN_TIME]: endings.inTime }),
    },
    lines: world.trace.lines(),
  }
}
