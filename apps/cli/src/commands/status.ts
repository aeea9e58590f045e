/**
 * `folkmoot status`: the running relay on one screen.
 *
 * @module
 */
import type { Command } from 'commander'
import { type Status, statusSchema } from '../admin-api.ts'
import { act, type Runner } from '../command-context.ts'
import { textFacts, textInstant } from '../text-table.ts'

/** Nobody waits for anything where nothing was submitted and enough voters are here. */
function waitsFor({ stalled, waiting }: Status['ledger']): string | undefined {
  const operations = waiting === 1 ? '1 operation' : `${waiting} operations`
  if (stalled !== null) return waiting === 0 ? stalled : `${operations}: ${stalled}`
  return waiting === 0 ? undefined : `${operations} not decided yet`
}

export function addStatus(program: Command, runner: Runner): void {
  const command = program.command('status').description('what the running relay is doing')
  act(runner, command, async ({ admin, output }) => {
    const status = await (await admin()).get('/v1/status', statusSchema)
    output.data('status', status, ({ federation, ledger, worker, audit, ...rest }) =>
      textFacts([
        ['federation', `${federation.name} (${federation.fingerprint})`],
        ['preset', `${federation.preset}, engine ${federation.engine}`],
        ['page', rest.page],
        ['peer', rest.peerId],
        ['running since', textInstant(rest.startedAt)],
        ['people', `${rest.here} here of ${rest.members} members, ${rest.links} links`],
        [
          'ledger',
          `height ${ledger.height}${ledger.finalAt === null ? '' : `, ${textInstant(ledger.finalAt)}`}`,
        ],
        [
          'decides',
          ledger.voters === 1
            ? 'one voter decides alone'
            : `${ledger.voters} voters, epoch ${ledger.epoch}${ledger.decides ? ', this relay among them' : ''}`,
        ],
        ['STOPPED', ledger.halted ?? undefined],
        ['waits', waitsFor(ledger)],
        ...rest.studies.map(
          ({ title, state, final, units }) =>
            ['study', `${title}: ${state}, ${final} of ${units} final`] as const,
        ),
        [
          'worker',
          worker.enabled
            ? `${worker.done} units done${worker.unit === null ? '' : `, on unit ${worker.unit}`}`
            : 'off',
        ],
        ['audit', `${audit.size} entries${audit.full ? ', FULL: no further actions' : ''}`],
        [
          'refused',
          Object.entries(rest.refused)
            .map(([code, times]) => `${code} ${times}`)
            .join(', '),
        ],
      ]),
    )
    return undefined
  })
}
