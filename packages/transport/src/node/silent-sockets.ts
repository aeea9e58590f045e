/**
 * Ends connections that never say a byte. libp2p's WebSocket listener only knows of a connection
 * once it has spoken; a silent one would stay for ever and keep the listener from closing. Browsers
 * open such connections in advance, and strangers may.
 *
 * @module
 */
import type { Server, Socket } from 'node:net'
import type { Millis } from '@folkmoot/base'

/** Longer than a browser keeps a connection in reserve that it will use after all. */
const SILENT_MS: Millis = 30_000

export interface SilentSockets {
  /** Ends all that have not spoken yet. */
  drop(): void
}

/** Watches servers for as long as they live. */
export function watchSilentSockets(
  servers: readonly Server[],
  silentMs: Millis = SILENT_MS,
): SilentSockets {
  const open = new Map<Socket, NodeJS.Timeout>()
  const dropSilent = (socket: Socket) => {
    if (socket.bytesRead === 0) socket.destroy()
  }
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      const timer = setTimeout(() => {
        dropSilent(socket)
        open.delete(socket)
      }, silentMs)
      timer.unref()
      open.set(socket, timer)
      socket.once('close', () => {
        clearTimeout(timer)
        open.delete(socket)
      })
    })
  }
  return {
    drop: () => {
      for (const socket of open.keys()) dropSilent(socket)
    },
  }
}
