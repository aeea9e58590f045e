/**
 * Whom a reverse proxy speaks for. To libp2p everybody behind one has the proxy's address, so that
 * limits per address would hit all of them together.
 *
 * @module
 */
import type { IncomingMessage, Server } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Where a proxy of ours may stand: on this machine, or in its own network. */
const near = new BlockList()
near.addSubnet('127.0.0.0', 8, 'ipv4')
near.addSubnet('10.0.0.0', 8, 'ipv4')
near.addSubnet('172.16.0.0', 12, 'ipv4')
near.addSubnet('192.168.0.0', 16, 'ipv4')
near.addAddress('::1', 'ipv6')
near.addSubnet('fc00::', 7, 'ipv6')

/**
 * The address that the nearest proxy saw: the last in `X-Forwarded-For`, as those before it are what
 * the client claims. Undefined where there is none, or where the connection comes from further away,
 * past the proxy: then the header is the client's own word.
 */
export function forwardedAddress(
  header: string | readonly string[] | undefined,
  from: string | undefined,
): string | undefined {
  const proxy = from?.replace(/^::ffff:/, '')
  if (header === undefined || proxy === undefined || isIP(proxy) === 0) return undefined
  if (!near.check(proxy, isIP(proxy) === 6 ? 'ipv6' : 'ipv4')) return undefined
  const last = [header].flat().join().split(',').at(-1)?.trim() ?? ''
  return isIP(last) === 0 ? undefined : last
}

/** Makes the sockets of WebSockets that come through a proxy say whom they are for. */
export function believeProxy(http: Server): void {
  http.prependListener('upgrade', ({ headers, socket }: IncomingMessage) => {
    const value = forwardedAddress(headers['x-forwarded-for'], socket.remoteAddress)
    // libp2p asks the socket, and has no way in for anything else.
    if (value !== undefined) Object.defineProperty(socket, 'remoteAddress', { value })
  })
}
