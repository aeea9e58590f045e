import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { forwardedAddress } from './forwarded-address.ts'
import { type LabNode, labNode, stopLab } from './lab.ts'

describe('the address that a proxy forwards', () => {
  it('is the last one, as those before are what the client says', () => {
    expect(forwardedAddress('203.0.113.7', '127.0.0.1')).toBe('203.0.113.7')
    expect(forwardedAddress('198.51.100.1, 203.0.113.7', '::ffff:172.18.0.2')).toBe('203.0.113.7')
    expect(forwardedAddress('2001:db8::7', '::1')).toBe('2001:db8::7')
  })

  it('is believed from near by only, and where it is an address', () => {
    expect(forwardedAddress('203.0.113.7', '198.51.100.1')).toBe(undefined)
    expect(forwardedAddress('203.0.113.7', '2001:db8::1')).toBe(undefined)
    expect(forwardedAddress('203.0.113.7', undefined)).toBe(undefined)
    expect(forwardedAddress(undefined, '127.0.0.1')).toBe(undefined)
    for (const not of ['', 'unknown', '203.0.113.7:4711', '203.0.113.7, ', '/ip4/1.2.3.4']) {
      expect(forwardedAddress(not, '127.0.0.1')).toBe(undefined)
    }
  })
})

describe('the limit of connections per address, behind a proxy', () => {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  afterEach(async () => {
    await stopLab()
    for (const socket of sockets) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  /** A proxy that says each connection to be for `client`; returns where it listens. */
  async function proxyFor(client: string, to: number): Promise<number> {
    const server = createServer((outer) => {
      const inner = connect(to, '127.0.0.1')
      for (const [one, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        sockets.add(one)
        one.on('error', () => other.destroy())
        one.on('close', () => other.destroy())
      }
      outer.once('data', (head) => {
        const [line, ...rest] = head.toString('latin1').split('\r\n')
        const forwarded = `X-Forwarded-For: 198.51.100.99, ${client}`
        inner.write([line, forwarded, ...rest].join('\r\n'), 'latin1')
        outer.pipe(inner).pipe(outer)
      })
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  async function admitted(relay: LabNode, clients: readonly string[]): Promise<number> {
    const to = Number(/\/tcp\/(\d+)/.exec(relay.transport.addresses()[0]!)![1])
    const dials = clients.map(async (client, at) => {
      const node = await labNode({ seed: at + 1, listen: [] })
      const door = await proxyFor(client, to)
      const address = `/ip4/127.0.0.1/tcp/${door}/ws/p2p/${relay.transport.peer}`
      return async () => {
        await node.transport.dial(address)
        // Who is refused may hear of it only now.
        const stream = await node.transport.open(relay.transport.peer, '/folkmoot/echo/1')
        stream.abort(new Error('done'))
      }
    })
    const ready = await Promise.all(dials)
    const outcomes = await Promise.allSettled(ready.map((dial) => dial()))
    return outcomes.filter(({ status }) => status === 'fulfilled').length
  }
  async function relay(behindProxy: boolean): Promise<LabNode> {
    const listen = ['/ip4/127.0.0.1/tcp/0/ws']
    const limits = { inboundPerSecond: 1 }
    const node = await labNode({ seed: 99, listen, relay: {}, behindProxy, limits })
    node.transport.handle('/folkmoot/echo/1', () => {})
    return node
  }
  const clients = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '2001:db8::7']
  /** So many that no machine is slow enough to open only one of them in each second. */
  const many = [...clients, ...clients, ...clients]

  it('counts each client for itself', async () => {
    expect(await admitted(await relay(true), clients)).toBe(clients.length)
  })

  it('still counts many connections of one client', async () => {
    const one = many.map(() => '203.0.113.1')
    expect(await admitted(await relay(true), one)).toBeLessThan(many.length)
  })

  it('believes no header where there is no proxy', async () => {
    expect(await admitted(await relay(false), many)).toBeLessThan(many.length)
  })
})
