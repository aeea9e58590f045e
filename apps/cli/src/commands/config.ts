/**
 * `folkmoot config explain`: every setting, its value, and who decided it.
 *
 * @module
 */
import type { Command } from 'commander'
import { act, type Runner, withSettings } from '../command-context.ts'
import { textTable } from '../text-table.ts'

export function addConfig(program: Command, runner: Runner): void {
  const config = program.command('config').description('settings')
  const explain = config
    .command('explain')
    .description('each setting and where its value comes from: flag, environment, file, preset')
  act(runner, withSettings(explain), async (context) => {
    context.output.data('config', context.config().explained, (rows) =>
      textTable(
        ['setting', 'value', 'from'],
        rows.map(({ name, value, source }) => [name, JSON.stringify(value), source]),
      ),
    )
    return undefined
  })
}
