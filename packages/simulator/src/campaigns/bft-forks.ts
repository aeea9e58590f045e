/**
 * More than f members run twice, one copy on each side of a partition, so that the federation does
 * fork. What the honest members show each other afterwards names more than f of those, and nobody
 * honest; so does what was signed, as somebody sees it who hears everything.
 *
 * @module
 */
import { faultWeight } from '@folkmoot/consensus'
import { conclude, thrown } from '../bft/ending.ts'
import { createFederation } from '../bft/federation.ts'
import { expectNamed } from '../bft/prove-forks.ts'
import { createRandom } from '../kernel/random.ts'
import { broken, type Campaign, type CampaignRun, type RunOptions } from './campaign.ts'

async function run(seed: number, { keep = false }: RunOptions = {}): Promise<CampaignRun> {
  const random = createRandom(seed).fork('forks')
  const voters = random.pick([4, 4, 7])
  const seats = random.shuffled(Array.from({ length: voters }, (_, index) => index))
  const f = Math.floor((voters - 1) / 3)
  const twins = seats.slice(0, f + 1)
  const federation = createFederation({
    seed,
    keep,
    voters,
    twins,
    timing: { deltaMs: 250, heartbeatMs: 20_000 },
  })
  const { world, monitor, genesis, honest, submit, peers } = federation
  const half = Math.ceil(honest.length / 2)
  const first = twins.map((seat) => `v${seat}`)
  world.partition([
    [...honest.slice(0, half), ...first],
    [...honest.slice(half), ...first.map((address) => `${address}'`)],
  ])
  federation.start()
  for (let count = 0; count < 12; count += 1) {
    submit(honest[count % honest.length]!, `say ${count}`)
    world.run(world.events.now + 300)
  }
  world.partition(undefined)
  world.run(world.events.now + 5_000)

  const liars = new Set(twins.map((seat) => peers[seat]!))
  const culprits = monitor.culprits()
  const { pairs, named } = await expectNamed(federation)
  const violations = [...monitor.violations]
  if (pairs === 0 || monitor.forks.length === 0) {
    violations.push(broken('schedule', 'no two honest members decided differently'))
  }
  if (culprits.size <= faultWeight(genesis)) {
    const text = `a fork names ${culprits.size} culprits, which is not more than f`
    violations.push(broken('accountability', text))
  }
  for (const culprit of new Set([...culprits, ...named, ...monitor.accused])) {
    if (liars.has(culprit)) continue
    violations.push(broken('accountability', `${culprit} is named and never lied`))
  }
  const { hash, counts, lines } = conclude(federation)
  // Members do stop here, as they must once they see a fork, and none may throw.
  const found = [...violations, ...thrown(federation)]
  const accusations = monitor.accused.size
  const more = { forks: pairs > 0 ? 1 : 0, pairs, named: named.size, accusations }
  return { hash, lines, violations: found, counts: { ...counts, ...more } }
}

export const bftForks: Campaign = {
  name: 'bft-forks',
  title:
    'BFT, more than f members run twice: by what the honest show each other, forks name more than f of them and nobody honest',
  run,
}
