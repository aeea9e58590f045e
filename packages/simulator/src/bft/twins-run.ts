/**
 * Runs a federation under one Twins scenario: while a sender is in a view of the scenario, its
 * messages stay inside its part; afterwards everybody hears everybody.
 *
 * @module
 */
import type { VotingRules } from '@folkmoot/consensus-bft'
import type { CampaignRun } from '../campaigns/campaign.ts'
import { conclude, expectProgress } from './ending.ts'
import { createFederation } from './federation.ts'
import { addressOf, type TwinsView } from './twins-format.ts'

export interface TwinsInit {
  readonly seed: number
  readonly keep?: boolean
  /** Indices of voters that run twice. */
  readonly twins: readonly number[]
  readonly scenario: readonly TwinsView[]
  readonly rules?: Partial<VotingRules> | undefined
}

const DELTA_MS = 250
/** Longest time of the partitions: every view may time out, each later than the one before. */
const PARTED_MS = 20_000

export async function runTwins(init: TwinsInit): Promise<CampaignRun> {
  const { seed, keep = false, twins, scenario, rules } = init
  const federation = createFederation({
    seed,
    keep,
    voters: 4,
    twins,
    rules,
    leaders: scenario.map(({ leader }) => leader - 1),
    timing: { deltaMs: DELTA_MS, heartbeatMs: 30_000 },
  })
  const { world, at, honest, submit } = federation
  const parts = scenario.map(({ partitions }) => {
    return new Map(partitions.flatMap((part, i) => part.map((node) => [addressOf(node), i])))
  })
  let parted = true
  world.network.setFilter((from, to) => {
    const view = at(from)?.view().view ?? 1
    const part = parted ? parts[view - 1] : undefined
    return part === undefined || part.get(from) === part.get(to)
  })
  federation.start()
  const over = () => honest.every((address) => (at(address)?.view().view ?? 0) > scenario.length)
  for (let begun = 0; begun < PARTED_MS && !over(); begun += 200) {
    submit(honest[(begun / 200) % honest.length]!, 'say hello')
    world.run(world.events.now + 200, over)
  }
  parted = false
  // Whoever can talk again is told, as after any partition.
  world.partition(federation.addresses.map((address) => [address]))
  world.partition(undefined)
  expectProgress(federation, { deltaMs: DELTA_MS, because: 'after the last view' })
  return conclude(federation)
}
