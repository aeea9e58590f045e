/**
 * The simulator tried on a toy: promises under loss and crashes. What fails here is the kernel's
 * fault, not an engine's.
 *
 * @module
 */
import { createRandom } from '../kernel/random.ts'
import { createSimulation } from '../kernel/simulation.ts'
import { broken, type Campaign, type CampaignRun, type RunOptions } from './campaign.ts'
import { promises, readPromise } from './promises.ts'

const names = ['a', 'b', 'c']
const link = { loss: 0.2, duplicate: 0.2, minMs: 1, maxMs: 40, tail: 0.1, tailMs: 500 }
const COUNT = 8

async function run(seed: number, { keep = false, mutant }: RunOptions = {}): Promise<CampaignRun> {
  const said = new Map<string, string>()
  const violations: string[] = []
  const deaths = createRandom(seed).fork('when to die')
  const world = createSimulation<{ type: 'never' }, never>({
    seed,
    link,
    keep,
    describe: (bytes) => `promise ${readPromise(bytes).number}: ${readPromise(bytes).words}`,
    dies: () => deaths.chance(0.02),
    onSend(from, _to, message) {
      const { number, words } = readPromise(message)
      const name = `${from} ${number}`
      if ((said.get(name) ?? words) !== words) {
        violations.push(broken('equivocation', `broke promise ${name}`))
      }
      said.set(name, words)
    },
  })
  const pairs = names.map((name) => world.keyring.pair(`${name} identity`))
  const peers = pairs.map((pair) => pair.peer)
  const program = promises({ peers, count: COUNT, careless: mutant === 'send before sync' })
  names.forEach((address, index) => {
    const { disk } = world.add({ address, id: peers[index]!, program })
    disk.addKey('key', pairs[index]!)
    world.start(address)
  })
  world.run(60_000, () => said.size === names.length * COUNT)
  if (said.size < names.length * COUNT) {
    violations.push(broken('liveness', 'not every promise was made'))
  }
  for (const { address, error } of world.failures) {
    violations.push(broken('halt', `${address} threw: ${error}`))
  }
  return {
    hash: world.trace.hash(),
    violations,
    counts: { events: world.trace.length, crashes: world.crashes },
    lines: world.trace.lines(),
  }
}

export const promisesCampaign: Campaign = {
  name: 'promises',
  title: 'a toy protocol, to try the simulator itself',
  run,
}
