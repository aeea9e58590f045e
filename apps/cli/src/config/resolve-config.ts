/**
 * Decides every setting: flag, then environment, then file, then preset; remembers which of them
 * won, and reports all problems at once.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { FederationError } from '@folkmoot/base'
import type { CliCode } from '../codes.ts'
import {
  environmentName,
  type Preset,
  presetDifferences,
  presets,
  type SettingName,
  settingNames,
  settings,
  type Values,
} from './settings.ts'
import { defaultStateFolder } from './state-location.ts'

export interface ConfigInput {
  /** Flags as commander gives them: only those that the user wrote. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

export interface Explained {
  readonly name: string
  readonly value: unknown
  /** `flag --port`, `environment FOLKMOOT_PORT`, `file /…/config.json`, `preset local`. */
  readonly source: string
}

export interface Config extends Values {
  readonly preset: Preset
  /** Whether the preset was named by someone; an existing charter's preset wins over a default. */
  readonly presetNamed: boolean
  /** Absolute path of the state folder. */
  readonly state: string
  readonly explained: readonly Explained[]
}

interface Found {
  readonly given: unknown
  readonly source: string
}

type File = Readonly<Record<string, unknown>>

function readFile(path: string, wanted: boolean, problems: string[]): File {
  if (!wanted && !existsSync(path)) return {}
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
      return content as File
    }
    problems.push(`${path} must hold one JSON object`)
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return {}
}

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** @throws FederationError `cli/config` that names every problem. */
export function resolveConfig({ flags, environment, cwd = process.cwd() }: ConfigInput): Config {
  const problems: string[] = []
  const fromUser = (name: string, file: File, path: string): Found | undefined => {
    if (flags[name] !== undefined) return { given: flags[name], source: `flag --${kebab(name)}` }
    const variable = environmentName(name)
    const value = environment[variable]
    if (value !== undefined && value !== '') {
      return { given: value, source: `environment ${variable}` }
    }
    return file[name] === undefined ? undefined : { given: file[name], source: `file ${path}` }
  }

  // The state folder may hold the file, so it comes from flag or environment alone.
  const stateFound = fromUser('state', {}, '') ?? {
    given: defaultStateFolder(environment),
    source: 'default of this platform',
  }
  const state = resolve(cwd, String(stateFound.given))
  const named = flags.config ?? environment.FOLKMOOT_CONFIG
  const path = named === undefined ? join(state, 'config.json') : resolve(cwd, String(named))
  const file = readFile(path, named !== undefined, problems)
  const known = new Set<string>([...settingNames, 'preset'])
  for (const key of Object.keys(file)) {
    if (!known.has(key)) problems.push(`${path}: there is no setting ${key}`)
  }

  const publicFound = fromUser('public', file, path)
  const presetFound = fromUser('preset', file, path) ?? {
    given: publicFound !== undefined && publicFound.given !== '' ? 'production' : 'local',
    source: publicFound === undefined ? 'default' : 'default with --public',
  }
  const preset = presets.find((each) => each === presetFound.given)
  if (preset === undefined) problems.push(`preset is one of ${presets.join(', ')}`)

  const values: Partial<Record<SettingName, unknown>> = {}
  const explained: Explained[] = [
    { name: 'state', value: state, source: stateFound.source },
    { name: 'preset', value: presetFound.given, source: presetFound.source },
  ]
  for (const name of settingNames) {
    const found = fromUser(name, file, path)
    const usual = presetDifferences[preset ?? 'production'][name] ?? settings[name].production
    const parsed = found === undefined ? { value: usual } : settings[name].parse(found.given)
    if ('problem' in parsed) problems.push(`${name} (${found?.source}) ${parsed.problem}`)
    else {
      values[name] = parsed.value
      const source = found?.source ?? `preset ${preset ?? 'production'}`
      explained.push({ name, value: parsed.value, source })
    }
  }
  if (problems.length > 0) {
    throw new FederationError<CliCode>('cli/config', problems.join('; '), {
      details: { problems },
      hint: '`folkmoot config explain` shows every setting and where it comes from',
    })
  }
  const study = values.study as string
  const isPath = study !== 'penguins' && study !== 'none' && !isAbsolute(study)
  const approval = values.approval as string
  return Object.freeze({
    ...(values as unknown as Values),
    study: isPath ? resolve(cwd, study) : study,
    approval: approval === '' ? '' : resolve(cwd, approval),
    preset: preset!,
    presetNamed: !presetFound.source.startsWith('default'),
    state,
    explained,
  })
}
