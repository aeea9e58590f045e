/**
 * Organisations with several voters each, none of which may have a third of the weight: one whole
 * organisation lies, each voter in its own way, or is gone for good.
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
import { broken, type Campaign, type CampaignRun, type RunOptions } from './campaign.ts'

const DELTA_MS = 250
/** Voters of each organisation. */
const SHARES = [
  [2, 1, 1, 1],
  [3, 1, 1, 1],
  [3, 2, 1, 1],
  [4, 1, 1, 1],
  [2, 2, 2, 1],
]

async function run(seed: number, { keep = false, mutant }: RunOptions = {}): Promise<CampaignRun> {
  const random = createRandom(seed).fork('orgs')
  const shares = random.pick(SHARES)
  const orgs = random.shuffled(
    shares.flatMap((voters, org) => Array.from({ length: voters }, () => `org ${org}`)),
  )
  const faulty = `org ${random.below(shares.length)}`
  const seats = orgs.flatMap((org, seat) => (org === faulty ? [seat] : []))
  const lies = random.chance(0.5)
  const kinds = Object.keys(liars)
  const chosen = new Map(lies ? seats.map((seat) => [seat, random.pick(kinds)]) : [])
  const dying: Dying = { chance: 0 }
  const deaths = random.fork('deaths')
  const federation = createFederation({
    seed,
    keep,
    voters: orgs.length,
    orgs,
    wantsSeats: false,
    link: roughLink(random, 0.1),
    timing: { deltaMs: DELTA_MS, heartbeatMs: 20_000 },
    rules: brokenRules(mutant),
    dies: () => deaths.chance(dying.chance),
    liars: new Map([...chosen].map(([seat, kind]) => [seat, liar(liars[kind]!())])),
  })
  const { world, monitor, genesis } = federation
  const weight = seats.reduce((sum, seat) => sum + genesis.voters[seat]!.weight, 0)
  if (weight > faultWeight(genesis)) {
    monitor.violations.push(broken('set change', `${faulty} has more weight than may lie`))
  }
  federation.start()
  if (!lies) for (const seat of seats) world.kill(`v${seat}`)
  unleash(
    federation,
    {
      lastsMs: random.between(2_000, 5_000),
      deaths: random.pick([0, 0.001, 0.003]),
      partitions: random.chance(0.4),
      sleeps: random.chance(0.2),
      submitEveryMs: random.pick([150, 400]),
    },
    dying,
  )
  world.partition(undefined)
  world.network.setDefault({ ...roughLink(random, 0.02), loss: 0.01, tail: 0 })
  const how = lies ? [...chosen].map(([seat, kind]) => `v${seat} ${kind}`).join(', ') : 'gone'
  const because = `with ${faulty} of ${shares.join(' ')} (${how})`
  expectProgress(federation, { deltaMs: DELTA_MS, because })
  const { counts, ...rest } = conclude(federation)
  return { ...rest, counts: { ...counts, accusations: monitor.accused.size } }
}

export const bftOrgs: Campaign = {
  name: 'bft-orgs',
  title:
    'BFT, organisations of several voters, below a third of the weight each: one lies or is gone',
  run,
}
