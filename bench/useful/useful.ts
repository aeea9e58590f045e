/**
 * The share of a worker's time that is useful: units of 1 s through leases, sandbox, signature,
 * durable audit and gossip, beside the same module in a bare worker.
 *
 * @module
 */
import { penguinsStudy } from '@folkmoot/example-penguins'
import { startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import type { Benchmark } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'
import { interleave } from '../measure/interleave.ts'
import { startBareWorker } from './bare-worker.ts'
import { computeUnits } from './compute-units.ts'
import { sampleInput } from './sample-input.ts'

const unitsEach = 4

export const benchmark: Benchmark = {
  title: 'useful share of a member that computes units of 1 s at share 1',
  run: async (effort, report) => {
    const study = await penguinsStudy({ units: 1_000 })
    const federation = await startLoopbackFederation({ preset: 'local' })
    const bare = startBareWorker(study.unit)
    const input = sampleInput(study.fields)
    try {
      const id = await federation.openStudy(study)
      const member = await federation.join()
      await waitUntil('the member knows the study', () =>
        member.ledger.state.state().studies.has(id),
      )
      member.studies.permit(id, { share: 1 })
      const contribution = member.studies.contribute(id, 1)
      await contribution.finish()
      const shares: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] }
      const samples = await interleave(
        {
          ours: async () => {
            const { share, perSecond } = await computeUnits(contribution, unitsEach)
            shares.ours.push(share)
            return perSecond
          },
          bare: async () => {
            const started = performance.now()
            let useful = 0
            for (let n = 0; n < unitsEach; n += 1) useful += await bare.run(input)
            const spent = performance.now() - started
            shares.bare.push(useful / spent)
            return (unitsEach * 1_000) / spent
          },
        },
        effort,
      )
      const counted = (all: readonly number[]) => all.slice(-effort.repetitions)
      const name = 'bare worker thread'
      report(
        figure({
          name: 'useful share of time, units of 1 s',
          unit: '',
          ours: counted(shares.ours),
          beside: { name, samples: counted(shares.bare) },
          aims: [{ of: 'ours', atLeast: 0.95 }],
        }),
      )
      report(
        figure({
          name: 'units of 1 s',
          unit: '/s',
          ours: samples.ours,
          beside: { name, samples: samples.bare },
          aims: [{ of: 'ratio', atLeast: 0.95 }],
        }),
      )
    } finally {
      await bare.stop()
      await federation.stop()
    }
  },
}
