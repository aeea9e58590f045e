/**
 * `folkmoot study verify FILE`: offline, exit code 7 and the place where it fails.
 *
 * @module
 */
import type { Command } from 'commander'
import { act, type Runner } from '../command-context.ts'
import { VerificationFailure } from '../exit-codes.ts'

export function addStudyVerify(study: Command, runner: Runner): void {
  const command = study
    .command('verify')
    .description("check an exported study offline, from each result to the federation's charter")
    .argument('<file>', 'the export')
    .option('--federation <id>', 'the federation that it must come from')
  act<[string, { federation?: string }]>(
    runner,
    command,
    async ({ read, output }, file, { federation }) => {
      const { verifyStudy } = await import('../study/verify-study.ts')
      const verdict = await verifyStudy(await read(file), federation)
      if (!verdict.ok) throw new VerificationFailure(verdict.fault.code, verdict.fault.message)
      const { ok: _, ...report } = verdict
      output.data('study-verification', report, (shown) => JSON.stringify(shown, null, 2))
      return undefined
    },
  )
}
