/**
 * Every setting of the command: its flag, its meaning, how its text is read, and its value in the
 * preset `production`. Environment variable and file key follow from the name.
 *
 * @module
 */

import { isIP } from 'node:net'

export type Parsed<T> = { readonly value: T } | { readonly problem: string }

export interface Setting<T> {
  /** For commander: `--max-reservations <n>`. */
  readonly flag: string
  readonly about: string
  /** Reads a flag's or variable's text, or a JSON value of the file. */
  readonly parse: (given: unknown) => Parsed<T>
  readonly production: T
}

const text =
  (maximum: number) =>
  (given: unknown): Parsed<string> =>
    typeof given === 'string' && given.length <= maximum
      ? { value: given }
      : { problem: `is text of at most ${maximum} characters` }

const integer =
  (minimum: number, maximum: number) =>
  (given: unknown): Parsed<number> => {
    const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
    return typeof value === 'number' &&
      Number.isInteger(value) &&
      value >= minimum &&
      value <= maximum
      ? { value }
      : { problem: `is an integer from ${minimum} to ${maximum}` }
  }

const share = (given: unknown): Parsed<number> => {
  const value = typeof given === 'string' && /^\d*\.?\d+$/.test(given) ? Number(given) : given
  return typeof value === 'number' && value > 0 && value <= 1
    ? { value }
    : { problem: 'is a number above 0 and up to 1' }
}

const oneOf =
  <T extends string>(...choices: readonly T[]) =>
  (given: unknown): Parsed<T> => {
    const value = choices.find((choice) => choice === given)
    return value === undefined ? { problem: `is one of ${choices.join(', ')}` } : { value }
  }

/** A flag without a value, or the words for it in the environment and in a file. */
const yesNo = (given: unknown): Parsed<boolean> => {
  const values: readonly unknown[] = [true, 'true', '1', false, 'false', '0']
  const at = values.indexOf(given)
  return at < 0 ? { problem: 'is true or false' } : { value: at < 3 }
}

const list = (given: unknown): Parsed<readonly string[]> => {
  const value = typeof given === 'string' ? given.split(',').filter(Boolean) : given
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? { value }
    : { problem: 'is a list, separated by commas' }
}

/** As many as a presence record takes, beside the one of `--public`. */
const maxAnnounced = 7

/** Addresses of a server, without a peer id: `/dns4/moot.example/tcp/4601`, `/ip4/203.0.113.5/tcp/4600/ws`. */
const multiaddrs = (given: unknown): Parsed<readonly string[]> => {
  const parsed = list(given)
  if ('problem' in parsed) return parsed
  return parsed.value.length <= maxAnnounced && parsed.value.every(isServer)
    ? parsed
    : { problem: `is up to ${maxAnnounced} addresses such as /dns4/moot.example/tcp/4601` }
}

function isServer(address: string): boolean {
  const parts = /^\/(ip4|ip6|dns[46]?)\/([\w.:-]{1,253})\/tcp\/(\d{1,5})(\/tls\/ws|\/wss?)?$/.exec(
    address,
  )
  const [, family, host = '', port] = parts ?? []
  const version = { ip4: 4, ip6: 6 }[family ?? ''] ?? 0
  return parts !== null && isIP(host) === version && Number(port) >= 1 && Number(port) <= 65_535
}

/** As many as a browser asks without a warning that more are slow. */
const maxStunServers = 4
const stunServer = /^stuns?:([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(:\d{1,5})?$/i

/** `stun:host` or `stun:host:port`. TURN would need a password, which every tab would be told. */
const stunServers = (given: unknown): Parsed<readonly string[]> => {
  const parsed = list(given)
  if ('problem' in parsed) return parsed
  const isShort = parsed.value.length <= maxStunServers
  return isShort && parsed.value.every((url) => url.length <= 128 && stunServer.test(url))
    ? parsed
    : { problem: `is up to ${maxStunServers} servers such as stun:moot.example:3478` }
}

/** An https origin without a path, or empty; plain http only for loopback. */
const publicOrigin = (given: unknown): Parsed<string> => {
  if (given === '') return { value: '' }
  const url = typeof given === 'string' ? URL.parse(given) : null
  const bare = url !== null && url.pathname === '/' && url.search === '' && url.hash === ''
  const loopback = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return bare && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback))
    ? { value: url.origin }
    : { problem: 'is an address such as https://moot.example, without a path' }
}

function setting<T>(
  flag: string,
  about: string,
  parse: (given: unknown) => Parsed<T>,
  production: T,
): Setting<T> {
  return { flag, about, parse, production }
}

const MiB = 1 << 20
const HOUR = 3_600_000

export const presets = ['production', 'classroom', 'local', 'test'] as const
export type Preset = (typeof presets)[number]

/** `preset`, `state` and `format` are chosen before the others and stand in `resolve-config.ts`. */
export const settings = {
  public: setting(
    '--public <url>',
    'the https address behind which people reach it',
    publicOrigin,
    '',
  ),
  announce: setting(
    '--announce <addresses>',
    'multiaddrs at which others reach it, beside --public or instead of where it listens',
    multiaddrs,
    [],
  ),
  host: setting('--host <address>', 'address to listen on', text(253), '127.0.0.1'),
  port: setting('--port <n>', 'page and WebSocket', integer(0, 65_535), 4600),
  tcpPort: setting('--tcp-port <n>', 'libp2p over TCP', integer(0, 65_535), 4601),
  adminPort: setting('--admin-port <n>', 'admin listener, loopback', integer(0, 65_535), 4690),
  name: setting('--name <text>', 'name of a federation that is founded', text(80), 'Folkmoot'),
  purpose: setting(
    '--purpose <text>',
    'purpose of a federation that is founded',
    text(500),
    'Research that volunteers compute together.',
  ),
  engine: setting(
    '--engine <name>',
    'how a federation that is founded decides: bft, or raft among the relays of one organisation',
    oneOf('bft', 'raft'),
    'bft',
  ),
  crossOrg: setting(
    '--cross-org',
    'a federation that is founded is of several organisations: none may hold a third of the votes',
    yesNo,
    false,
  ),
  org: setting('--org <name>', 'organisation that a founding relay votes for', text(64), ''),
  approval: setting(
    '--approval <file>',
    'JSON of rules by action for a federation that is founded; without one the founder approves alone',
    text(4096),
    '',
  ),
  contact: setting('--contact <text>', 'whom people can write to', text(200), ''),
  privacy: setting(
    '--privacy <text>',
    'what this relay keeps about people',
    text(1000),
    'The relay keeps peer ids, nicknames, results and times. It sees IP addresses while you are connected and does not store them.',
  ),
  join: setting(
    '--join <file>',
    'file with an invitation link, or -: run one more relay of that federation, which may vote',
    text(4096),
    '',
  ),
  nickname: setting('--nickname <text>', 'how this relay calls itself', text(32), 'relay'),
  study: setting(
    '--study <path>',
    'study to open at the first start: penguins, none, or a folder',
    text(4096),
    'penguins',
  ),
  worker: setting('--worker <0|1>', 'workers of its own', integer(0, 1), 0),
  workerShare: setting('--worker-share <share>', 'share of a core its worker may use', share, 0.5),
  inviteUses: setting(
    '--invite-uses <n>',
    'uses of the default invitation',
    integer(1, 100_000),
    100,
  ),
  inviteDays: setting(
    '--invite-days <n>',
    'days the default invitation is valid',
    integer(1, 366),
    7,
  ),
  invitationsPerHour: setting(
    '--invitations-per-hour <n>',
    'invitations that may be made in an hour',
    integer(1, 10_000),
    60,
  ),
  maxReservations: setting(
    '--max-reservations <n>',
    'peers that may be reached through this relay at once',
    integer(1, 10_000),
    512,
  ),
  circuitBytes: setting(
    '--circuit-bytes <n>',
    'bytes through one relayed circuit',
    integer(1 << 16, 2 ** 40),
    64 * MiB,
  ),
  circuitMs: setting(
    '--circuit-ms <n>',
    'life of one relayed circuit',
    integer(10_000, 24 * HOUR),
    2 * HOUR,
  ),
  auditQuotaBytes: setting(
    '--audit-quota-bytes <n>',
    'size at which the audit log is full',
    integer(MiB, 2 ** 42),
    4096 * MiB,
  ),
  blockQuotaBytes: setting(
    '--block-quota-bytes <n>',
    'size at which the block store is full',
    integer(MiB, 2 ** 42),
    2048 * MiB,
  ),
  stun: setting(
    '--stun <urls>',
    'STUN servers that tabs ask for their outside address, and name before Join; none unless named',
    stunServers,
    [],
  ),
  logLevel: setting(
    '--log-level <level>',
    'least important log line that is written',
    oneOf('debug', 'info', 'warn', 'error'),
    'warn',
  ),
} satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof settings
export const settingNames = Object.keys(settings) as SettingName[]

/** The value of each setting, typed by its parser. */
export type Values = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never
}

/** Each preset as its differences from `production`. */
export const presetDifferences: Readonly<Record<Preset, Partial<Values>>> = {
  production: {},
  classroom: { inviteUses: 200 },
  local: {},
  test: { port: 0, tcpPort: 0, adminPort: 0, invitationsPerHour: 10_000 },
}

/** `maxReservations` → `FOLKMOOT_MAX_RESERVATIONS`. */
export function environmentName(name: string): string {
  return `FOLKMOOT_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}
