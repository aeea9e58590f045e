/**
 * A reverse proxy as it stands before a relay in production: https and wss outside, plain http and
 * ws inside.
 *
 * @module
 */
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { selfSigned } from './self-signed.ts'

export interface HttpsProxy {
  /** `https://localhost:…`. */
  readonly origin: string
  /** Its certificate as PEM, for who is to believe it. */
  readonly cert: string
  /** Paths of WebSocket upgrades that passed through. */
  readonly upgrades: readonly string[]
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** Forwards everything to a port on loopback. */
export async function startHttpsProxy(target: number): Promise<HttpsProxy> {
  const upgrades: string[] = []
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const pair = selfSigned()
  const server = createServer(pair)
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  server.on('request', (incoming, outgoing) => {
    const path = incoming.url ?? '/'
    requests.push(path)
    const { method, headers } = incoming
    const inner = request({ host: '127.0.0.1', port: target, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    inner.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(inner)
  })
  server.on('upgrade', (incoming, socket, head) => {
    upgrades.push(incoming.url ?? '/')
    const inner = connect(target, '127.0.0.1', () => {
      const lines = [`GET ${incoming.url} HTTP/1.1`]
      for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
        lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`)
      }
      inner.write(`${lines.join('\r\n')}\r\n\r\n`)
      inner.write(head)
      inner.pipe(socket).pipe(inner)
    })
    for (const [one, other] of [
      [inner, socket],
      [socket, inner],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    cert: pair.cert,
    upgrades,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
