/**
 * A TCP socket as a {@link ByteLine}.
 *
 * @module
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { ByteLine } from './byte-line.ts'

export function socketLine(socket: Socket): ByteLine {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  return {
    send: (bytes) =>
      socket.write(bytes)
        ? undefined
        : new Promise((resolve) => socket.once('drain', () => resolve())),
    listen: (received) => void socket.on('data', received),
  }
}

export async function dialSocket(port: number): Promise<ByteLine & { close(): void }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return { ...socketLine(socket), close: () => socket.destroy() }
}
