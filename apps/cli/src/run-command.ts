/**
 * One run of the command, from arguments to exit code. Nothing is thrown out of here.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { type Command, CommanderError } from 'commander'
import type { CliCode } from './codes.ts'
import { formatOf, type Runner, type Surroundings } from './command-context.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { createOutput, type Format } from './output.ts'
import { createProgram } from './program.ts'

/** The format that was asked for, found even where the arguments are otherwise wrong. */
function wantedFormat(args: readonly string[], surroundings: Surroundings): Format {
  const at = args.findIndex((arg) => arg === '--format' || arg.startsWith('--format='))
  const given = at === -1 ? undefined : (args[at]!.split('=')[1] ?? args[at + 1])
  try {
    return formatOf(given, surroundings.environment)
  } catch {
    return 'text'
  }
}

/** The command that the arguments name, as far as they name one. */
function namedCommand(program: Command, args: readonly string[]): string {
  let command = program
  const path = [program.name()]
  for (const arg of args) {
    const next = command.commands.find((each) => each.name() === arg)
    if (next === undefined) continue
    command = next
    path.push(arg)
  }
  return path.join(' ')
}

export async function runCommand(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const runner: Runner = { surroundings, exitCode: exitCodes.done }
  const format = wantedFormat(args, surroundings)
  const { stdout, stderr, environment } = surroundings
  const output = createOutput({ format, stdout, stderr, environment })
  let usage = ''
  const program = createProgram(runner, {
    write: (text) => stdout.write(text),
    // Commander's own complaint becomes an envelope like any other failure.
    complain: (text) => {
      usage += text
    },
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return runner.exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      output.failure(error)
      if (!(error instanceof FederationError) && error instanceof Error) {
        stderr.write(`${error.stack}\n`)
      }
      return exitCodeOf(error)
    }
    if (error.exitCode === 0) return exitCodes.done
    const [first = error.message, ...others] = usage.trim().split('\n')
    const message = first.replace(/^error: /, '')
    if (error.code === 'commander.help') stderr.write(usage)
    else {
      const hint = others.join(' ').trim() || `see \`${namedCommand(program, args)} --help\``
      output.failure(new FederationError<CliCode>('cli/usage', message, { hint }))
    }
    return exitCodes.usage
  }
}
