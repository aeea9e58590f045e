/**
 * Up to f members lie, each in its own way, while the network and the disks of the others fail.
 *
 * @module
 */
import { faultWeight } from '@folkmoot/consensus'
import { type Dying, roughLink, unleash } from '../bft/chaos.ts'
import { conclude, expectProgress } from '../bft/ending.ts'
import { createFederation } from '../bft/federation.ts'
import { liar } from '../bft/liar.ts'
import { liars } from '../bft/lies.ts'
import { brokenRules } from '../bft/mutants.ts'
import { createRandom } from '../kernel/random.ts'
import type { Campaign, CampaignRun, RunOptions } from './campaign.ts'

const DELTA_MS = 250

async function run(seed: number, { keep = false, mutant }: RunOptions = {}): Promise<CampaignRun> {
  const random = createRandom(seed).fork('liars')
  const voters = random.pick([4, 4, 4, 4, 4, 4, 7, 7, 7, 13])
  const f = faultWeight({ voters: Array.from({ length: voters }, () => ({ weight: 1 })) as never })
  const seats = random.shuffled(Array.from({ length: voters }, (_, index) => index))
  const kinds = Object.keys(liars)
  // The first seeds after one another show each liar once; pairs are left to chance.
  const chosen = seats.slice(0, f).map((seat, at) => {
    return [seat, at === 0 ? kinds[seed % kinds.length]! : random.pick(kinds)] as const
  })
  const dying: Dying = { chance: 0 }
  const deaths = random.fork('deaths')
  const federation = createFederation({
    seed,
    keep,
    voters,
    link: roughLink(random, 0.1),
    timing: { deltaMs: DELTA_MS, heartbeatMs: 20_000 },
    rules: brokenRules(mutant),
    dies: () => deaths.chance(dying.chance),
    liars: new Map(chosen.map(([seat, kind]) => [seat, liar(liars[kind]!())])),
  })
  const { world, monitor } = federation
  for (const [seat, kind] of chosen) {
    world.trace.record({ at: 0, node: `v${seat}`, kind: 'liar', detail: kind })
  }
  federation.start()
  unleash(
    federation,
    {
      lastsMs: random.between(3_000, 9_000),
      deaths: random.pick([0, 0, 0.001, 0.004]),
      partitions: random.chance(0.4),
      sleeps: random.chance(0.2),
      submitEveryMs: random.pick([150, 400]),
    },
    dying,
  )
  world.partition(undefined)
  world.network.setDefault({ ...roughLink(random, 0.02), loss: 0.01, tail: 0 })
  const because = `among liars (${chosen.map(([seat, kind]) => `v${seat} ${kind}`).join(', ')})`
  expectProgress(federation, { deltaMs: DELTA_MS, because })
  const { counts, ...rest } = conclude(federation)
  return { ...rest, counts: { ...counts, accusations: monitor.accused.size } }
}

export const bftLiars: Campaign = {
  name: 'bft-liars',
  title:
    'BFT, up to f members lie: equivocate, conflict, skip, repeat, withhold, impersonate, cheat, usurp',
  run,
}
