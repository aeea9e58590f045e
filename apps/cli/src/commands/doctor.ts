/**
 * `folkmoot doctor`: is this machine fit to run a relay?
 *
 * @module
 */
import type { Command } from 'commander'
import { act, type Runner, withSettings } from '../command-context.ts'
import { exitCodes } from '../exit-codes.ts'

const marks = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const

export function addDoctor(program: Command, runner: Runner): void {
  const command = program
    .command('doctor')
    .description('check Node, key, state folder, disk, ports, powers, clock, signatures, browser')
  act(runner, withSettings(command), async ({ config, output }) => {
    const { examine } = await import('../doctor/checks.ts')
    const findings = await examine(config())
    output.data('doctor', findings, (rows) =>
      rows
        .map(({ name, result, detail, remedy }) => {
          const line = `${marks[result]}  ${name}: ${detail}`
          return remedy === undefined ? line : `${line}\n         → ${remedy}`
        })
        .join('\n'),
    )
    return findings.some(({ result }) => result === 'failed') ? exitCodes.configuration : undefined
  })
}
