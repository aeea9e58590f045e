/**
 * `folkmoot study verify FILE`: offline, exit code 7 and the place where it fails.
 *
 * @module
 */
import type { BundleReport } from '@folkmoot/studies/bundle'
import type { Command } from 'commander'
import { act, countArgument, type Runner } from '../command-context.ts'
import { VerificationFailure } from '../exit-codes.ts'
import { textFacts, textInstant } from '../text-table.ts'

function reportText(report: BundleReport): string {
  const { answer, reference, recomputed } = report
  return [
    textFacts([
      ['verified', report.title],
      ['question', report.question],
      ['answer', `${answer.estimate} (${answer.low} to ${answer.high})`],
      ['reference', reference === undefined ? undefined : `${reference.text}; ${reference.source}`],
      ['units', `${report.final} of ${report.units} final, from ${report.results} results`],
      ['workers', `${report.workers} peers, ${report.roots} invitation roots`],
      ['recorded', `${textInstant(report.recordedTime)}, height ${report.recordedAt}`],
      ['federation', `${report.federation} (${report.fingerprint})`],
      ['founder', report.founder],
      ['computed again', recomputed.length === 0 ? 'the reduction' : `units ${recomputed}`],
    ]),
    ...report.notes.map((note) => `note: ${note}`),
  ].join('\n')
}

interface VerifyOptions {
  readonly federation?: string
  readonly recompute?: number
}

export function addStudyVerify(study: Command, runner: Runner): void {
  const command = study
    .command('verify')
    .description("check an exported study offline, from each result to the federation's charter")
    .argument('<file>', 'the export')
    .option('--federation <id>', 'the federation that it must come from')
    .option('--recompute <n>', 'compute n units again, chosen at random', countArgument)
  act<[string, VerifyOptions]>(runner, command, async ({ read, output }, file, options) => {
    const { verifyStudy } = await import('../study/verify-study.ts')
    const verdict = await verifyStudy(await read(file), options)
    if (!verdict.ok) throw new VerificationFailure(verdict.fault.code, verdict.fault.message)
    const { ok: _, ...report } = verdict
    output.data('study-verification', report, reportText)
    return undefined
  })
}
