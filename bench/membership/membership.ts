/**
 * How long until everybody knows of a join and of a death, and what presence costs, as the
 * federation grows: membership's own core over a simulated gossip mesh.
 *
 * @module
 */
import { encode } from '@folkmoot/codec'
import { sealEnvelope } from '@folkmoot/identity'
import { encodePresence } from '@folkmoot/membership'
import { type CrowdFigures, falseDeaths, measureCrowd } from '@folkmoot/simulator'
import { benchKey, sampleEnvelope } from '../envelope/sample-envelope.ts'
import type { Benchmark } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'

/** Peers, and how many of them run the core; the rest pass records on. */
const sizes = [
  { peers: 10, watchers: 10 },
  { peers: 100, watchers: 100 },
  { peers: 1_000, watchers: 200 },
  { peers: 10_000, watchers: 60 },
] as const

/** One hop of gossip takes 20 to 150 ms in the simulated mesh; its mean is what counts as a round. */
const ROUND_MS = 85

export const benchmark: Benchmark = {
  title: 'joins, deaths and traffic of 10 to 10,000 simulated peers',
  run: async ({ repetitions, size }, report) => {
    const recordBytes = await presenceRecordBytes()
    for (const { peers, watchers } of sizes) {
      if (size < 1 && peers > 1_000) continue
      const runs: CrowdFigures[] = []
      for (let seed = 1; seed <= repetitions; seed += 1) {
        runs.push(measureCrowd({ seed, peers, watchers }))
      }
      const rounds = 2 * Math.log2(peers)
      const limit = { name: '2 log₂ N rounds of gossip', samples: runs.map(() => rounds) }
      const name = `${peers.toLocaleString('en')} peers`
      const aims = [{ of: 'ratio', atMost: 1 }] as const
      const heard = runs.map(({ joinMs }) => (joinMs ?? Number.POSITIVE_INFINITY) / ROUND_MS)
      report(
        figure({
          name: `${name}, all know of a join`,
          unit: 'rounds',
          ours: heard,
          beside: limit,
          aims,
        }),
      )
      // From the first who counts it as gone to the last: what gossip adds to detection.
      const spread = runs.map(({ deathMs, firstDeathMs }) => {
        return ((deathMs ?? Number.POSITIVE_INFINITY) - (firstDeathMs ?? 0)) / ROUND_MS
      })
      report(
        figure({
          name: `${name}, first to last to count a death`,
          unit: 'rounds',
          ours: spread,
          beside: limit,
        }),
      )
      const deaths = runs.map(({ deathMs }) => (deathMs ?? Number.POSITIVE_INFINITY) / 1_000)
      report(figure({ name: `${name}, all count a death`, unit: 's', ours: deaths }))
      const kilobytes = runs.map(({ copiesPerRecord, recordsPerMinute }) => {
        return (copiesPerRecord * recordsPerMinute * recordBytes) / 1_000
      })
      const budget = { name: '1 KB/s a peer', samples: runs.map(() => 60) }
      report(
        figure({
          name: `${name}, presence sent by a peer`,
          unit: 'KB/min',
          ours: kilobytes,
          beside: budget,
          aims,
        }),
      )
      const answers = runs.map((run) => run.answersPerJoin)
      report(
        figure({ name: `${name}, records that answer one join`, unit: 'records', ours: answers }),
      )
    }
    for (const links of [1, 3, 5]) {
      const wrong = Array.from({ length: repetitions }, (_, seed) => {
        return falseDeaths({ seed: seed + 1, peers: 100 }, links)
      })
      const name = `100 peers, ${links} of 6 links of a living peer cut: who count it as dead`
      report(figure({ name, unit: 'peers', ours: wrong, aims: [{ of: 'ours', atMost: 0 }] }))
    }
  },
}

/** As a tab sends it: only who can be dialled names addresses. */
async function presenceRecordBytes(): Promise<number> {
  const { signer } = await benchKey(1)
  const said = encodePresence({
    v: 1,
    incarnation: 1_767_225_600_000,
    nickname: 'a volunteer',
    role: 'member',
    addrs: [],
    state: 'here',
    worker: true,
    protocol: 1,
  })
  const { to: _, ...envelope } = sampleEnvelope(signer, signer, 0)
  const body = encode({ kind: 'here', presence: said })
  const record = { ...envelope, kind: 'record', capability: 'membership.presence', body } as const
  return (await sealEnvelope(signer, record)).length
}
