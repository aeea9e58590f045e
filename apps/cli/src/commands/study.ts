/**
 * `folkmoot study open | list | show | watch | results | export | verify | close | run`.
 *
 * @module
 */
import type { Command } from 'commander'
import * as v from 'valibot'
import { type Study, type StudySummary, studySchema, studySummarySchema } from '../admin-api.ts'
import { act, type CommandContext, type Runner } from '../command-context.ts'
import { watchStudy } from '../study/watch-study.ts'
import { textFacts, textInstant, textTable } from '../text-table.ts'
import { addStudyRun } from './study-run.ts'
import { addStudyVerify } from './study-verify.ts'

function answerText({ answer }: StudySummary): string | undefined {
  if (answer === null) return undefined
  const { label, estimate, low, high, done } = answer
  return `${label} ${estimate} (${low} to ${high}) from ${done} units`
}

function summaryText(study: StudySummary): string {
  return textFacts([
    ['study', study.id],
    ['question', study.question],
    ['state', study.state],
    ['units', `${study.final} final, ${study.accepted} accepted, ${study.units} in all`],
    ['answer', answerText(study)],
    ['notice', study.notice ?? undefined],
  ])
}

function studyText(study: Study): string {
  const more = textFacts([
    ['author', `${study.author}, ${study.contact}`],
    ['licence', study.licence],
    ['validation', study.validation],
    ['independence', study.independence === 'roots' ? 'by invitation' : 'not checked'],
    ['code', study.code],
    ['open until', textInstant(study.expires)],
  ])
  return `${summaryText(study)}\n${more}`
}

async function load({ admin }: CommandContext, id: string): Promise<Study> {
  return (await admin()).get(`/v1/studies/${encodeURIComponent(id)}`, studySchema)
}

const idArgument = ['[study]', 'its id; without it the newest', 'latest'] as const

export function addStudy(program: Command, runner: Runner): void {
  const study = program.command('study').description('questions that volunteers compute together')

  const open = study
    .command('open')
    .description('open a study from its folder or manifest')
    .argument('<path>', 'folder, manifest.cbor (signed) or manifest.json (signed here)')
  act<[string]>(runner, open, async (context, path) => {
    const { openStudy } = await import('../study/open-study.ts')
    context.output.data('study', await openStudy(context, path), summaryText)
    return undefined
  })

  act(runner, study.command('list').description('all studies'), async ({ admin, output }) => {
    const all = await (await admin()).get('/v1/studies', v.array(studySummarySchema))
    output.data('studies', all, (list) =>
      textTable(
        ['study', 'state', 'final', 'units', 'title'],
        list.map((each) => [
          each.id,
          each.state,
          String(each.final),
          String(each.units),
          each.title,
        ]),
      ),
    )
    return undefined
  })

  const show = study.command('show').description('one study')
  act<[string]>(runner, show.argument(...idArgument), async (context, id) => {
    context.output.data('study', await load(context, id), studyText)
    return undefined
  })

  const watch = study.command('watch').description('follow a study until it is recorded')
  act<[string]>(runner, watch.argument(...idArgument), async ({ admin, output }, id) => {
    await watchStudy(await admin(), id, output)
    return undefined
  })

  const results = study.command('results').description('each unit and who agreed on it')
  act<[string]>(runner, results.argument(...idArgument), async (context, id) => {
    const { unitStates } = await load(context, id)
    context.output.data('study-results', unitStates, (rows) =>
      textTable(
        ['unit', 'state', 'agree', 'differ', 'output'],
        rows.map((row) => [
          String(row.unit),
          row.state,
          String(row.supporters.length),
          String(row.against.length),
          row.output ?? '',
        ]),
      ),
    )
    return undefined
  })

  const save = study
    .command('export')
    .description('results with their proof, in one file that anyone can verify')
    .argument(...idArgument)
    .requiredOption('-o, --output <file>', 'where to write it')
  act<[string, { output: string }]>(runner, save, async (context, id, options) => {
    const path = `/v1/studies/${encodeURIComponent(id)}/bundle`
    const bytes = await (await context.admin()).bytes(path)
    await context.writeNew(options.output, bytes)
    const data = { file: options.output, bytes: bytes.length }
    context.output.data('study-export', data, ({ file }) => file)
    return undefined
  })

  const close = study
    .command('close')
    .description('take no more results; what is final stays')
    .argument('<study>', 'its id')
  act<[string]>(runner, close, async ({ admin, output }, id) => {
    const path = `/v1/studies/${encodeURIComponent(id)}/close`
    const closed = await (await admin()).post(path, {}, studySummarySchema)
    output.data('study', closed, summaryText)
    return undefined
  })

  addStudyVerify(study, runner)
  addStudyRun(study, runner)
}
