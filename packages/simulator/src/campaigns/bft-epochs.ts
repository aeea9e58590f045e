/**
 * Voters come and go: seats are given and taken, keys turned over, in the middle of loss and
 * crashes. Some of those who left keep their old keys and go on voting with them; some leaders end an
 * epoch for voters of their own, or by READY that nobody said.
 *
 * @module
 */
import { type Dying, roughLink, unleash } from '../bft/chaos.ts'
import { conclude, expectProgress } from '../bft/ending.ts'
import { usurper } from '../bft/false-blocks.ts'
import { createFederation } from '../bft/federation.ts'
import { ghost } from '../bft/ghost.ts'
import { liar } from '../bft/liar.ts'
import { expectFollowed } from '../bft/light-client.ts'
import { brokenRules } from '../bft/mutants.ts'
import { createRandom } from '../kernel/random.ts'
import type { Campaign, CampaignRun, RunOptions } from './campaign.ts'

const DELTA_MS = 250
const VOTERS = 4

async function run(seed: number, { keep = false, mutant }: RunOptions = {}): Promise<CampaignRun> {
  const random = createRandom(seed).fork('epochs')
  const candidates = random.between(1, 3)
  const dying: Dying = { chance: 0 }
  const deaths = random.fork('deaths')
  const kind = random.pick([undefined, ghost, liar(usurper())])
  const federation = createFederation({
    seed,
    keep,
    voters: VOTERS,
    candidates,
    link: roughLink(random, 0.1),
    timing: { deltaMs: DELTA_MS, heartbeatMs: 20_000 },
    rules: brokenRules(mutant),
    dies: () => deaths.chance(dying.chance),
    liars: kind ? new Map([[random.below(VOTERS), kind]]) : new Map(),
  })
  const { world, monitor, peers } = federation
  federation.start()
  unleash(
    federation,
    {
      lastsMs: random.between(8_000, 16_000),
      deaths: random.pick([0, 0, 0.001, 0.003]),
      partitions: random.chance(0.4),
      sleeps: random.chance(0.2),
      submitEveryMs: 400,
      operation: (from) => {
        const verb = from.pick(['say', 'say', 'say', 'say', 'seat', 'unseat', 'turn'])
        return verb === 'seat' || verb === 'unseat' ? `${verb} ${from.pick(peers)}` : `${verb} it`
      },
    },
    dying,
  )
  world.partition(undefined)
  world.network.setDefault({ ...roughLink(random), loss: 0.01, tail: 0 })
  // The bound is about one epoch; here an end of one may come in between, with its READY.
  expectProgress(federation, { deltaMs: DELTA_MS, patience: 4, because: 'with changing voters' })
  await expectFollowed(federation)
  const { counts, ...rest } = conclude(federation)
  let epochs = 1
  while (monitor.setOf(epochs + 1) !== undefined) epochs += 1
  return { ...rest, counts: { ...counts, epochs } }
}

export const bftEpochs: Campaign = {
  name: 'bft-epochs',
  title:
    'BFT, voters join, leave and turn their keys; the evicted go on voting, leaders end epochs falsely; a light client follows',
  run,
}
