/**
 * One unit in our sandbox beside the same module in a bare worker: what slices, watching and
 * canonical floats cost.
 *
 * @module
 */
import { penguinsStudy } from '@folkmoot/example-penguins'
import { createNodeSandbox } from '@folkmoot/sandbox/node'
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'
import { interleave, microsEach } from '../measure/interleave.ts'
import { startBareWorker } from './bare-worker.ts'
import { sampleInput } from './sample-input.ts'

/** Permutations: about 0.25 s of computing. */
const fullPermutations = 1_000_000

export const benchmark: Benchmark = {
  title: 'a unit of 0.25 s in the sandbox, beside bare WebAssembly in a worker thread',
  run: async (effort, report) => {
    const { fields, unit } = await penguinsStudy({
      permutationsPerUnit: scaled(fullPermutations, effort),
    })
    const input = sampleInput(fields)
    const sandbox = createNodeSandbox()
    const bare = startBareWorker(unit)
    try {
      const samples = await interleave(
        {
          ours: () =>
            microsEach(2, async () => {
              const outcome = await sandbox.run({
                code: unit,
                input,
                limits: fields.limits,
                share: 1,
              }).done
              if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`)
            }),
          bare: () => microsEach(2, () => bare.run(input)),
        },
        effort,
      )
      const millis = (micros: readonly number[]) => micros.map((each) => each / 1_000)
      report(
        figure({
          name: 'unit of 10⁶ permutations in the sandbox',
          unit: 'ms',
          ours: millis(samples.ours),
          beside: { name: 'bare WebAssembly in a worker thread', samples: millis(samples.bare) },
          aims: [{ of: 'ratio', atMost: 1.05 }],
        }),
      )
    } finally {
      await bare.stop()
      await sandbox.close()
    }
  },
}
