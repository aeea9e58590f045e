/**
 * `folkmoot refound start | sign | verify`: a new federation that continues one whose voters were lost.
 *
 * @module
 */
import { resolve } from 'node:path'
import { errorCode, errorMessage } from '@folkmoot/base'
import type { Command } from 'commander'
import { act, type CommandContext, type Runner } from '../command-context.ts'
import { VerificationFailure } from '../exit-codes.ts'
import type { RefoundingReport } from '../refound/refound.ts'
import { textFacts } from '../text-table.ts'

function reportText(report: RefoundingReport): string {
  const { newFed, oldFed, height, members, voters, oldVoters } = report
  return textFacts([
    ['new federation', newFed],
    ['continues', `${oldFed}, from height ${height} on`],
    ['signed by', `${members.length} old members: ${members.join(', ')}`],
    ['old voters', `${voters.length} of ${oldVoters} go along`],
  ])
}

interface RefoundOptions {
  readonly output: string
  readonly into?: string
  readonly ledger?: string
}

export function addRefound(program: Command, runner: Runner): void {
  const refound = program
    .command('refound')
    .description('found a federation anew after more voters were lost than it tolerates')

  const start = refound
    .command('start')
    .description("a new charter that names the old federation's last certified entry")
    .requiredOption('--into <folder>', 'a new state folder for the new federation, with this key')
    .requiredOption('-o, --output <file>', 'the founding, for other old members to sign')
    .option('--ledger <file>', 'an export of the old ledger, where others know more of it')
  act<[RefoundOptions & { into: string }]>(runner, start, async (context, options) => {
    const { startRefounding } = await import('../refound/refound.ts')
    const done = await startRefounding({ ...(await given(context, options)), now: Date.now() })
    await context.writeNew(options.output, done.bytes)
    context.output.data('refounding', done.report, reportText)
    context.output.note(
      `others sign it with: folkmoot refound sign ${options.output} -o SIGNED\n` +
        `the new federation runs with: folkmoot relay --state ${options.into}`,
    )
    return undefined
  })

  const sign = refound
    .command('sign')
    .description('go along with it, as a member of the old federation')
    .argument('<file>', 'the founding')
    .requiredOption('-o, --output <file>', 'the same with this signature')
    .option('--into <folder>', 'a new state folder with this key, to join the new federation')
    .option('--ledger <file>', 'an export of the old ledger, where others know more of it')
  act<[string, RefoundOptions]>(runner, sign, async (context, file, options) => {
    const { signRefounding } = await import('../refound/refound.ts')
    const bytes = await context.read(file)
    const done = await signRefounding(bytes, await given(context, options))
    await context.writeNew(options.output, done.bytes)
    context.output.data('refounding', done.report, reportText)
    return undefined
  })

  const verify = refound
    .command('verify')
    .description('who of the old members goes along; whether that is enough is for people to say')
    .argument('<file>', 'the founding')
    .option('--federation <id>', 'the old federation that it must continue')
  act<[string, { federation?: string }]>(
    runner,
    verify,
    async ({ read, output }, file, { federation }) => {
      const { verifyRefoundingFile } = await import('../refound/refound.ts')
      const bytes = await read(file)
      const report = await verifyRefoundingFile(bytes).catch((error: unknown) => {
        throw new VerificationFailure(errorCode(error, 'cli/refound'), errorMessage(error))
      })
      if (federation !== undefined && federation !== report.oldFed) {
        throw new VerificationFailure('ledger/refounding', `it continues ${report.oldFed}`)
      }
      output.data('refounding', report, reportText)
      return undefined
    },
  )
}

async function given<Into extends string | undefined>(
  { config, cwd, read }: CommandContext,
  { into, ledger }: { readonly into?: Into; readonly ledger?: string },
) {
  return {
    state: config().state,
    into: (into === undefined ? undefined : resolve(cwd, into)) as Into,
    ledger: ledger === undefined ? undefined : await read(ledger),
  }
}
