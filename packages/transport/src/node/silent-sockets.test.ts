import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { labNode, stopLab } from './lab.ts'
import { watchSilentSockets } from './silent-sockets.ts'

afterEach(stopLab)

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

describe('a connection that never says a byte', () => {
  it('does not keep a relay from stopping', async () => {
    const { transport } = await labNode({ seed: 1, listen: ['/ip4/127.0.0.1/tcp/0/ws'], relay: {} })
    const port = Number(/\/tcp\/(\d+)/.exec(transport.addresses()[0]!)![1])
    const socket = await connected(port)
    await Promise.all([once(socket, 'close'), transport.stop()])
  })

  it('is ended after a while; one that has spoken stays', async () => {
    const server = createServer((socket) => socket.on('data', () => {})).listen(0, '127.0.0.1')
    await once(server, 'listening')
    watchSilentSockets([server], 300)
    const { port } = server.address() as AddressInfo
    const silent = await connected(port)
    const speaking = await connected(port)
    speaking.write('GET')
    await once(silent, 'close')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(speaking.closed).toBe(false)
    speaking.destroy()
    server.close()
  })
})
