/**
 * Voters lose their disks, or parts of them, or come back from older copies, in the middle of loss
 * and crashes. Nobody may vote with amnesia: who lost its key follows and asks for the next epoch;
 * who has an older copy asks what it said, and stops where it said more than it knows.
 *
 * @module
 */
import { type Dying, roughLink, unleash } from '../bft/chaos.ts'
import { conclude, expectProgress } from '../bft/ending.ts'
import { createFederation } from '../bft/federation.ts'
import { expectFollowed } from '../bft/light-client.ts'
import { createDiskLosses, LOSSES } from '../bft/lose-disks.ts'
import { brokenRules } from '../bft/mutants.ts'
import { RecallWatch } from '../bft/recall-watch.ts'
import { createRandom } from '../kernel/random.ts'
import { broken, type Campaign, type CampaignRun, type RunOptions } from './campaign.ts'

const DELTA_MS = 250
/** Until everybody that lost something has a key that counts again: two epochs may have to end. */
const RECOVERY_MS = 120_000

async function run(seed: number, { keep = false, mutant }: RunOptions = {}): Promise<CampaignRun> {
  const random = createRandom(seed).fork('amnesia')
  const voters = random.pick([4, 4, 4, 7])
  const dying: Dying = { chance: 0 }
  const deaths = random.fork('deaths')
  const watch = new RecallWatch()
  const federation = createFederation({
    seed,
    keep,
    voters,
    candidates: random.below(2),
    link: roughLink(random, 0.1),
    timing: { deltaMs: DELTA_MS, heartbeatMs: 20_000 },
    rules: brokenRules(mutant),
    dies: () => deaths.chance(dying.chance),
    losses: watch,
  })
  const { world, monitor, peers, honest, at } = federation
  const losses = createDiskLosses(federation, watch, random.fork('losses'))
  federation.start()
  const lastsMs = random.between(4_000, 9_000)
  // Copies matter within an epoch, and whoever loses its key ends one.
  const onlyCopies = random.chance(0.5)
  losses.begin({
    untilMs: lastsMs,
    everyMs: random.pick([300, 800]),
    losses: onlyCopies ? ['copy'] : LOSSES,
  })
  // Two that lost their keys are within f of seven, and would not be of the six after an `unseat`.
  const changes = onlyCopies || voters === 7 ? ['turn'] : ['turn', 'seat', 'unseat']
  unleash(
    federation,
    {
      lastsMs,
      deaths: random.pick([0, 0, 0.001, 0.003]),
      partitions: random.chance(0.4),
      sleeps: random.chance(0.2),
      submitEveryMs: random.pick([150, 400]),
      operation: (from) => {
        const verb = from.chance(onlyCopies ? 0.05 : 0.3) ? from.pick(changes) : 'say'
        return verb === 'seat' || verb === 'unseat' ? `${verb} ${from.pick(peers)}` : `${verb} it`
      },
    },
    dying,
  )
  world.partition(undefined)
  world.network.setDefault({ ...roughLink(random), loss: 0.01, tail: 0 })
  const isWell = () => losses.ailing().length === 0
  if (!world.run(world.events.now + RECOVERY_MS, isWell)) {
    const text = `who lost something does not take part again: ${losses.ailing().join(', ')}`
    monitor.violations.push(broken('liveness', text))
  } else {
    expectProgress(federation, { deltaMs: DELTA_MS, patience: 4, because: 'after losses' })
  }
  await expectFollowed(federation)
  const { counts, ...rest } = conclude(federation)
  let epochs = 1
  while (monitor.setOf(epochs + 1) !== undefined) epochs += 1
  const ids = honest.map((address) => [...(at(address)?.chain.state.ids ?? [])])
  const renewed = Math.max(...ids.map((all) => all.filter((id) => id.startsWith('lost/')).length))
  const lost = Object.entries(losses.counts).map(([what, count]) => [`lost ${what}`, count])
  const more = { epochs, renewed, pardoned: watch.pardoned.size }
  return { ...rest, counts: { ...counts, ...more, ...Object.fromEntries(lost) } }
}

export const bftAmnesia: Campaign = {
  name: 'bft-amnesia',
  title:
    'BFT, voters lose their votes and keys, or their whole disk, or come back from older copies',
  run,
}
