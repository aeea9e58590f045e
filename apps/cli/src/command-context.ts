/**
 * What a command's action is given, and how its flags become configuration.
 *
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorMessage, FederationError } from '@folkmoot/base'
import { type Command, InvalidArgumentError } from 'commander'
import { type AdminClient, connectAdmin } from './admin-client.ts'
import type { CliCode } from './codes.ts'
import { type Config, resolveConfig } from './config/resolve-config.ts'
import { settings } from './config/settings.ts'
import { createOutput, type Format, formats, type Output, type Sink } from './output.ts'

/** The process as the command sees it; tests give their own. */
export interface Surroundings {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

export interface CommandContext extends Surroundings {
  readonly output: Output
  /** Resolved on first use, so that a broken file does not stop commands that need none of it. */
  readonly config: () => Config
  readonly admin: () => Promise<AdminClient>
  /** Reads a file that the user named. @throws FederationError `cli/file` */
  readonly read: (path: string) => Promise<Uint8Array>
  /** Writes a new file; refuses to overwrite one. @throws FederationError `cli/file` */
  readonly writeNew: (path: string, bytes: Uint8Array | string, mode?: number) => Promise<void>
}

/** Resolves to an exit code, or to nothing for 0. */
export type Action<Arguments extends readonly unknown[]> = (
  context: CommandContext,
  ...given: Arguments
) => Promise<number | undefined>

/** Collects what an action returned, because commander drops it. */
export interface Runner {
  readonly surroundings: Surroundings
  exitCode: number
}

export function formatOf(
  given: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Format {
  const wanted = given ?? (environment.FOLKMOOT_FORMAT || 'text')
  const format = formats.find((each) => each === wanted)
  if (format !== undefined) return format
  throw new FederationError<CliCode>('cli/usage', `the format is one of ${formats.join(', ')}`)
}

function fileError(path: string, error: unknown): FederationError<CliCode> {
  return new FederationError<CliCode>('cli/file', `${path}: ${errorMessage(error)}`, {
    cause: error,
  })
}

function createContext(
  surroundings: Surroundings,
  flags: Readonly<Record<string, unknown>>,
): CommandContext {
  const { environment, cwd, stdout, stderr } = surroundings
  const format = formatOf(flags.format, environment)
  let config: Config | undefined
  const resolved = () => {
    config ??= resolveConfig({ flags, environment, cwd })
    return config
  }
  return {
    ...surroundings,
    output: createOutput({ format, stdout, stderr, environment }),
    config: resolved,
    admin: () => connectAdmin(resolved().state),
    read: async (path) => {
      try {
        return new Uint8Array(await readFile(resolve(cwd, path)))
      } catch (error) {
        throw fileError(path, error)
      }
    },
    writeNew: async (path, bytes, mode) => {
      try {
        await writeFile(resolve(cwd, path), bytes, { flag: 'wx', mode })
      } catch (error) {
        throw fileError(path, error)
      }
    },
  }
}

/** Binds an action to a command: arguments first, then the command's own options. */
export function act<Arguments extends readonly unknown[]>(
  runner: Runner,
  command: Command,
  action: Action<Arguments>,
): Command {
  return command.action(async (...given: unknown[]) => {
    const own = given.at(-1) as Command
    const context = createContext(runner.surroundings, own.optsWithGlobals())
    const code = await action(context, ...(given.slice(0, -1) as unknown as Arguments))
    runner.exitCode = code ?? 0
  })
}

/** Longer texts would bury the flags. */
const longestShown = 40

/** Gives a command the flag of every setting; an absent flag stays undefined. */
export function withSettings(command: Command): Command {
  command.option(
    '--preset <name>',
    'production, classroom, local or test; values in parentheses are those of production',
  )
  for (const { flag, about, production } of Object.values(settings)) {
    const value = String(production)
    const shown = value === '' || value.length > longestShown ? about : `${about} (${value})`
    command.option(flag, shown)
  }
  return command
}

/** Reads a count from an argument. */
export function countArgument(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
  return Number(text)
}

const unitsOfTime: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Reads a duration such as `90s`, `30m`, `12h` or `7d` as ms. */
export function durationArgument(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text)
  if (match === null) throw new InvalidArgumentError('It is a duration such as 30m, 12h or 7d.')
  return Number(match[1]) * unitsOfTime[match[2]!]!
}

/** Reads an instant: a date, a date with time, or a duration back from now. */
export function instantArgument(text: string): number {
  if (/^\d{1,6}[smhd]$/.test(text)) return Date.now() - durationArgument(text)
  const at = Date.parse(text)
  if (Number.isNaN(at)) {
    throw new InvalidArgumentError('It is a date such as 2026-11-22T10:00Z, or 2h for "2 h ago".')
  }
  return at
}
