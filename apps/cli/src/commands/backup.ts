/**
 * `folkmoot backup FILE` and `folkmoot restore FILE`.
 *
 * @module
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { act, type Runner } from '../command-context.ts'
import { textFacts } from '../text-table.ts'

export function addBackup(program: Command, runner: Runner): void {
  const backup = program
    .command('backup')
    .description('copy the state folder of a stopped relay into one file')
    .argument('<file>', 'a new file')
    .option('--with-key', 'also the private key: whoever has the file can then act as this relay')
  act<[string, { withKey?: boolean }]>(
    runner,
    backup,
    async ({ config, cwd, output }, file, { withKey = false }) => {
      const { writeBackup } = await import('../backup/write-backup.ts')
      const made = await writeBackup(config().state, resolve(cwd, file), { withKey })
      output.data('backup', made, (shown) =>
        textFacts([
          ['backup', shown.file],
          ['files', shown.files],
          ['bytes', shown.bytes],
          ['key', shown.withKey ? 'included' : 'not included'],
        ]),
      )
      return undefined
    },
  )

  const restore = program
    .command('restore')
    .description('fill an empty state folder from a backup')
    .argument('<file>', 'the backup')
  act<[string]>(runner, restore, async ({ config, cwd, output }, file) => {
    const { restoreBackup } = await import('../backup/restore-backup.ts')
    const done = await restoreBackup(resolve(cwd, file), config().state)
    output.data('restore', done, (shown) =>
      textFacts([
        ['state', shown.state],
        ['made', shown.created],
        ['files', shown.files],
      ]),
    )
    if (!done.withKey) {
      output.note('Without its key this state can be read but cannot act: add key.pem to it.')
    }
    output.note(
      'What the federation agreed after this backup was made is not in it. If a relay has acted ' +
        'with this key since then, do not start a second history: see docs/operate.md.',
    )
    return undefined
  })
}
