/**
 * What `folkmoot doctor` looks at. Each check says what it found and, where something is wrong,
 * what to do; none of them changes anything.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { access, constants, stat, statfs } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { errorCode, errorMessage } from '@folkmoot/base'
import { parseRule } from '@folkmoot/ledger'
import { openKeyFile, openStateFolder } from '@folkmoot/storage/node'
import { votingSchema } from '../admin-api.ts'
import { connectAdmin, readAdminFile } from '../admin-client.ts'
import type { Config } from '../config/resolve-config.ts'
import { keyFile } from '../config/state-location.ts'
import { isFree } from '../relay/free-port.ts'
import { checkSignatures } from './check-signatures.ts'

export interface Finding {
  readonly name: string
  readonly result: 'ok' | 'warning' | 'failed'
  readonly detail: string
  readonly remedy?: string
}

type Check = (config: Config) => Promise<Omit<Finding, 'name'>>

const ok = (detail: string) => ({ result: 'ok', detail }) as const
const warning = (detail: string, remedy: string) => ({ result: 'warning', detail, remedy }) as const
const failed = (detail: string, remedy: string) => ({ result: 'failed', detail, remedy }) as const

const OLDEST_NODE = 22
/** Nobody's clock is right before this release was made: 2026-11-01. */
const EARLIEST = Date.UTC(2026, 10, 1)
const GiB = 2 ** 30

const node: Check = async () =>
  Number(process.versions.node.split('.')[0]) >= OLDEST_NODE
    ? ok(process.versions.node)
    : failed(process.versions.node, 'use the Node of this checkout: npx folkmoot doctor')

const folder: Check = async ({ state }) => {
  const about = await stat(state).catch(() => undefined)
  if (about === undefined) return ok(`${state} does not exist yet; the first relay makes it`)
  if (!about.isDirectory()) return failed(`${state} is not a folder`, 'name another with --state')
  if ((about.mode & 0o077) !== 0) {
    return failed(`others can reach ${state}`, `run: chmod 700 ${state}`)
  }
  try {
    await access(state, constants.R_OK | constants.W_OK | constants.X_OK)
    return ok(state)
  } catch {
    return failed(`${state} is not writable by this user`, 'run as its owner, or mend its rights')
  }
}

/** Whether a relay answers on this state folder. */
async function relayRuns(state: string): Promise<string | undefined> {
  const file = await readAdminFile(state).catch(() => undefined)
  if (file === undefined) return undefined
  const url = new URL('/readyz', file.address)
  const answer = await fetch(url, { signal: AbortSignal.timeout(3000) }).catch(() => undefined)
  if (answer === undefined) return undefined
  return answer.status === 503 ? 'not ready' : 'ready'
}

const lock: Check = async ({ state }) => {
  const running = await relayRuns(state)
  if (running !== undefined) return ok(`a relay runs on it and is ${running}`)
  if (!existsSync(join(state, 'schema'))) return ok('nothing is stored yet')
  try {
    const opened = await openStateFolder(state)
    await opened.close()
    return ok('free')
  } catch (error) {
    const remedy =
      errorCode(error) === 'storage/locked'
        ? 'stop the process that uses it, or name another folder with --state'
        : 'restore a backup, or use the release that wrote it'
    return failed(errorMessage(error), remedy)
  }
}

const key: Check = async ({ state }) => {
  const path = keyFile(state)
  if (!existsSync(path)) return ok('none yet; the first relay makes it')
  try {
    await openKeyFile(path)
    return ok(path)
  } catch (error) {
    return failed(errorMessage(error), `run: chmod 600 ${path}`)
  }
}

const disk: Check = async ({ state }) => {
  let path = state
  while (!existsSync(path)) path = dirname(path)
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  const detail = `${(free / GiB).toFixed(1)} GiB free`
  if (free < GiB / 8) return failed(detail, 'free some space: without it no action can be logged')
  return free < GiB ? warning(detail, 'free some space before the log needs it') : ok(detail)
}

const ports: Check = async ({ state, host, port, tcpPort, adminPort }) => {
  const wanted = [port, tcpPort, adminPort].filter((each) => each !== 0)
  const free = await Promise.all(
    wanted.map((each) => isFree(each === adminPort ? '127.0.0.1' : host, each)),
  )
  const busy = wanted.filter((_, at) => !free[at])
  if (busy.length === 0) return ok(`${wanted.join(', ')} are free`)
  if ((await relayRuns(state)) !== undefined) return ok(`${busy.join(', ')} in use by the relay`)
  return warning(
    `${busy.join(', ')} in use by another program`,
    'the relay takes the next free ones; behind a proxy, name them with --port',
  )
}

/** Whether the voters could still change anything without the founder. */
const powers: Check = async ({ state }) => {
  if ((await relayRuns(state)) === undefined) return ok('no relay runs here to ask')
  const { voters, approval } = await (await connectAdmin(state)).get('/v1/voting', votingSchema)
  if (voters.length < 2) return ok('one voter decides')
  const { kind } = parseRule(approval['charter.amend'])
  return kind === 'founder'
    ? warning(
        `${voters.length} vote, and the founder alone may change the rules`,
        'without it that stays so for ever: see "Before the founder goes" in docs/operate.md',
      )
    : ok(`${voters.length} vote, and the rules are not the founder's alone`)
}

const clock: Check = async () => {
  const now = Date.now()
  const shown = new Date(now).toISOString()
  return now >= EARLIEST ? ok(shown) : failed(shown, 'set the clock: signatures carry times')
}

const browser: Check = async () => {
  const named = process.env.CHROME_PATH
  const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser']
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = [
    ...(named === undefined ? [] : [named]),
    ...names.flatMap((name) => folders.map((each) => join(each, name))),
  ].find((path) => existsSync(path))
  return found === undefined
    ? warning('none found', 'only tests need one here; `npm test` installs it')
    : ok(found)
}

const signatures: Check = async () => {
  const fault = await checkSignatures()
  return fault === undefined
    ? ok('the published vectors are judged as they must be')
    : failed(fault, 'do not run a peer with this build of Node')
}

const checks: ReadonlyArray<readonly [name: string, check: Check]> = [
  ['node', node],
  ['state folder', folder],
  ['state in use', lock],
  ['key', key],
  ['disk', disk],
  ['ports', ports],
  ['powers', powers],
  ['clock', clock],
  ['signatures', signatures],
  ['browser', browser],
]

/** Runs every check; one that throws is a finding like the others. */
export function examine(config: Config): Promise<Finding[]> {
  return Promise.all(
    checks.map(async ([name, check]) => {
      try {
        return { name, ...(await check(config)) }
      } catch (error) {
        return { name, ...failed(errorMessage(error), 'this check itself failed: report it') }
      }
    }),
  )
}
