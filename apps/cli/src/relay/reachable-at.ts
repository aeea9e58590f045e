/**
 * Where others find this relay: what it announces, where its page is, and whether a relay on another
 * machine could dial it at all.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { CliCode } from '../codes.ts'
import type { Config } from '../config/resolve-config.ts'

type Named = Pick<Config, 'public' | 'announce' | 'host'>

/**
 * What it tells others instead of the addresses where it listens; null where these are right. With
 * `--public` the proxy's address comes first, since tabs can use no other.
 *
 * @throws FederationError `cli/config` where nobody could open its links
 */
export function announcedAddresses(config: Named): readonly string[] | null {
  const { announce } = config
  if (config.public !== '') return [publicAddress(config.public), ...announce]
  if (announce.length === 0) return null
  if (announce.some(isWebSocket)) return announce
  throw new FederationError<CliCode>(
    'cli/config',
    'announce names no WebSocket, so invitations would lead nowhere',
    { hint: 'add the one that leads to --port, such as /ip4/203.0.113.5/tcp/4600/ws, or --public' },
  )
}

/** Address of the page, given the WebSocket at which others reach this relay. */
export function pageAddress(config: Named, websocket: string): string {
  if (config.public !== '') return config.public
  const { host, port, secure } = hostOf(websocket)
  const shown = config.announce.length > 0 ? host : shownHost(config.host)
  return `${secure ? 'https' : 'http'}://${shown}:${port}`
}

export function isWebSocket(address: string): boolean {
  return /\/wss?(\/|$)/.test(address)
}

/**
 * What to say to who runs a relay that the others cannot dial: it tells them a loopback address, and
 * they are somewhere else. Null where all is well.
 */
export function unreachableNote(own: readonly string[], relays: readonly string[]): string | null {
  const local = (address: string) =>
    /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/.test(address)
  if (relays.length === 0 || relays.some(local) || !own.every(local)) return null
  return 'relays on other machines cannot reach this one: name its own address with --host, or --public'
}

function publicAddress(origin: string): string {
  const url = new URL(origin)
  const secure = url.protocol === 'https:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const host = /^\d+(\.\d+){3}$/.test(url.hostname)
    ? `/ip4/${url.hostname}`
    : `/dns4/${url.hostname}`
  return `${host}/tcp/${port}${secure ? '/tls/ws' : '/ws'}`
}

function hostOf(websocket: string): { host: string; port: string; secure: boolean } {
  const [, family, host = '', , port = ''] = websocket.split('/')
  const shown = family === 'ip6' ? `[${host}]` : host
  return { host: shown, port, secure: /\/(wss|tls\/ws)/.test(websocket) }
}

/** Who listens everywhere is found on this machine by the loopback address, and needs no https there. */
function shownHost(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host
}
