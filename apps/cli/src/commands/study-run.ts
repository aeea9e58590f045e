/**
 * `folkmoot study run --local PATH`.
 *
 * @module
 */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { act, countArgument, type Runner } from '../command-context.ts'
import { textFacts } from '../text-table.ts'

interface RunOptions {
  readonly local: string
  readonly units?: number
  readonly workers?: number
}

export function addStudyRun(study: Command, runner: Runner): void {
  const command = study
    .command('run')
    .description('run a study on this machine alone, in the sandbox, without any relay')
    .requiredOption('--local <path>', 'its folder or manifest')
    .option('--units <n>', 'only the first n units', countArgument)
    .option('--workers <n>', 'units at once; default one per core', countArgument)
  act<[RunOptions]>(runner, command, async ({ cwd, output }, { local, units, workers }) => {
    const { readStudyPackage } = await import('../study/read-study-package.ts')
    const { runStudy } = await import('../study/run-study.ts')
    const files = await readStudyPackage(resolve(cwd, local))
    const result = await runStudy(files, {
      ...(units === undefined ? {} : { units }),
      workers: Math.max(1, workers ?? availableParallelism()),
      onProgress: (done, total) => output.progress(`${done} of ${total} units`),
    })
    output.data('study-run', result, (shown) =>
      textFacts([
        ['study', shown.title],
        ['units', `${shown.ran} of ${shown.units}`],
        ['compute', `${(shown.computeMs / 1000).toFixed(1)} s`],
        ...Object.entries(shown.answer).map(([name, value]) => [name, String(value)] as const),
      ]),
    )
    output.note('Computed by this machine alone: nobody has confirmed it.')
    return undefined
  })
}
