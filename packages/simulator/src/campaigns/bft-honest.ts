/**
 * Nobody lies, everything else goes wrong: loss, copies, stragglers, partitions, crashes at any
 * boundary, skewed clocks that sleep and jump, and up to f members that stay dead.
 *
 * @module
 */
import { faultWeight } from '@folkmoot/consensus'
import { type Dying, roughLink, unleash } from '../bft/chaos.ts'
import { conclude, expectProgress } from '../bft/ending.ts'
import { createFederation } from '../bft/federation.ts'
import { brokenRules } from '../bft/mutants.ts'
import { createRandom } from '../kernel/random.ts'
import type { Campaign, CampaignRun, RunOptions } from './campaign.ts'

const DELTA_MS = 250

async function run(seed: number, { keep = false, mutant }: RunOptions = {}): Promise<CampaignRun> {
  const random = createRandom(seed).fork('honest')
  const voters = random.pick([4, 4, 4, 4, 4, 7, 7, 7, 7, 13])
  const dying: Dying = { chance: 0 }
  const deaths = random.fork('deaths')
  const federation = createFederation({
    seed,
    keep,
    voters,
    link: roughLink(random),
    timing: { deltaMs: DELTA_MS, heartbeatMs: 20_000 },
    rules: brokenRules(mutant),
    dies: () => deaths.chance(dying.chance),
    clock: (_index, chance) => ({
      offsetMs: chance.between(-8_000, 8_000),
      driftPpm: chance.between(-200, 200),
    }),
  })
  federation.start()
  unleash(
    federation,
    {
      lastsMs: random.between(4_000, 12_000),
      deaths: random.pick([0, 0.001, 0.003, 0.01]),
      partitions: random.chance(0.6),
      sleeps: random.chance(0.4),
      submitEveryMs: random.pick([100, 400, 1_500]),
    },
    dying,
  )
  const { world, honest, genesis } = federation
  const f = faultWeight(genesis)
  for (const address of random.shuffled(honest).slice(0, random.below(f + 1))) world.kill(address)
  world.partition(undefined)
  const link = { ...roughLink(random), tail: 0 }
  world.network.setDefault(link)
  const patience = link.loss < 0.1 ? 1 : 2
  expectProgress(federation, { deltaMs: DELTA_MS, patience, because: `with ${link.loss} lost` })
  return conclude(federation)
}

export const bftHonest: Campaign = {
  name: 'bft-honest',
  title:
    'BFT, nobody lies: loss, partitions, crashes at every boundary, clocks that sleep and jump',
  run,
}
