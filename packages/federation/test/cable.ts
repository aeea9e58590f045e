/**
 * A TCP cable between a peer and a relay that a test can cut.
 *
 * @module
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Cable {
  /** The relay's address by way of the cable. */
  readonly address: string
  /** Resets what is connected now; new connections pass. */
  cut(): void
  stop(): Promise<void>
}

/** @param address a multiaddr over TCP that ends in a peer id */
export async function startCable(address: string): Promise<Cable> {
  const [, port] = /\/tcp\/(\d+)/.exec(address)!
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1')
    keep(near)
    keep(far)
    near.pipe(far).pipe(near)
    near.on('close', () => far.resetAndDestroy())
    far.on('close', () => near.resetAndDestroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const taken = (server.address() as AddressInfo).port
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    address: address.replace(/\/tcp\/\d+/, `/tcp/${taken}`),
    cut,
    stop: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
