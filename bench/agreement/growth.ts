/**
 * What one decision costs as the voters grow: messages sent, signatures checked, and how many
 * one-way delays pass, counted in the simulator, where nothing else disturbs. The figures are exact
 * and the same on every machine.
 *
 * @module
 */
import type { CoreEffect } from '@folkmoot/consensus'
import { quorumWeight } from '@folkmoot/consensus'
import { createFederation } from '@folkmoot/simulator'
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'

const sizes = [4, 7, 13, 25, 50]
/** δ, in simulated ms: long beside disks and signatures, so that only delays count. */
const delayMs = 1_000
const quietMs = 30_000

interface Cost {
  readonly delays: number
  readonly messages: number
  readonly verified: number
}

/** The mean cost of `decisions`, each submitted to whoever leads, one after the other. */
function measure(voters: number, decisions: number, seed: number): Cost & { quorum: number } {
  let messages = 0
  let verified = 0
  const count = (_: string, effect: CoreEffect<unknown>) => {
    const known = effect as CoreEffect<never>
    if (known.type === 'send') messages += known.to.length
    if (known.type === 'verify') verified += known.items.length
  }
  const link = { loss: 0, duplicate: 0, minMs: delayMs, maxMs: delayMs, tail: 0, tailMs: 0 }
  const timing = { deltaMs: 10 * delayMs, heartbeatMs: 1_000 * delayMs }
  const federation = createFederation({ seed, voters, link, timing, onEffect: count })
  const { world, peers, honest } = federation
  federation.start()
  world.run(world.events.now + quietMs)
  messages = 0
  verified = 0
  let delays = 0
  for (let n = 0; n < decisions; n++) {
    const { leader } = federation.at(honest[0]!)!.view()
    const address = honest[peers.indexOf(leader)]!
    const begun = world.events.now
    const id = federation.submit(address, `operation ${n}`)
    const isFinal = () => federation.at(address)!.chain.state.ids.has(id)
    if (!world.run(begun + quietMs, isFinal)) throw new Error(`${voters} voters decided nothing`)
    delays += (world.events.now - begun) / delayMs
    world.run(world.events.now + quietMs)
  }
  return {
    delays: delays / decisions,
    messages: messages / decisions,
    verified: verified / decisions / voters,
    quorum: quorumWeight(federation.genesis),
  }
}

export const benchmark: Benchmark = {
  title: 'BFT, cost of one decision for 4 to 50 voters, simulated',
  run: async (effort, report) => {
    const decisions = scaled(10, effort)
    for (const voters of sizes) {
      const runs = Array.from({ length: effort.repetitions }, (_, n) =>
        measure(voters, decisions, n + 1),
      )
      const { quorum } = runs[0]!
      const each = runs.map(() => 2 * (quorum - 1) + 1)
      report(
        figure({
          name: `${voters} voters, signatures checked by each for a decision`,
          unit: 'checks',
          ours: runs.map((run) => run.verified),
          beside: { name: '2(q − 1) + 1', samples: each },
        }),
      )
      report(
        figure({
          name: `${voters} voters, messages for a decision`,
          unit: 'messages',
          ours: runs.map((run) => run.messages),
          beside: {
            name: 'a proposal and two votes to each',
            samples: runs.map(() => voters - 1 + 2 * voters * (voters - 1)),
          },
        }),
      )
      report(
        figure({
          name: `${voters} voters, submitted to final at the leader`,
          unit: 'δ',
          ours: runs.map((run) => run.delays),
          beside: { name: '3 δ', samples: runs.map(() => 3) },
          aims: [{ of: 'ours', atMost: 3.5 }],
        }),
      )
    }
  },
}
