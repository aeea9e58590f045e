/**
 * Three etcd processes on loopback, and a client of their gRPC: one HTTP/2 session to the leader,
 * each put a stream of its own. Without the JSON gateway, which would cost etcd a second hop in its
 * own process; without etcdctl, which would cost a process a put.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operationBytes } from './operation-line.ts'

export interface EtcdCluster {
  /** Puts one value of the size that our operations have; resolves when it is committed. */
  put(): Promise<void>
  stop(): Promise<void>
}

/** Version line of the etcd that is installed; undefined where there is none. */
export function etcdVersion(): string | undefined {
  const { status, stdout } = spawnSync('etcd', ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.split('\n')[0] : undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A gRPC message: not compressed, its length, then protobuf. */
function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** `PutRequest { bytes key = 1; bytes value = 2 }`. */
function putRequest(key: string, value: Uint8Array): Buffer {
  const name = Buffer.from(key)
  const fields = [Buffer.from([0x0a, name.length]), name, Buffer.from([0x12, value.length]), value]
  return frame(Buffer.concat(fields))
}

function unary(session: ClientHttp2Session, path: string, body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const chunks: Buffer[] = []
    let status: unknown
    stream.on('response', (headers) => {
      status = headers['grpc-status'] ?? status
    })
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'] ?? status
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () => {
      if (status === '0') resolve(Buffer.concat(chunks))
      else reject(new Error(`etcd answered with gRPC status ${status}`))
    })
    stream.end(body)
  })
}

export async function startEtcd(): Promise<EtcdCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'folkmoot-etcd-'))
  const names = ['a', 'b', 'c']
  const ports = await Promise.all(
    names.map(async () => ({ client: await freePort(), peer: await freePort() })),
  )
  const url = (port: number) => `http://127.0.0.1:${port}`
  const initial = names.map((name, i) => `${name}=${url(ports[i]!.peer)}`).join(',')
  const children: ChildProcess[] = names.map((name, i) => {
    const { client, peer } = ports[i]!
    const options = {
      name,
      'data-dir': join(folder, name),
      'listen-client-urls': url(client),
      'advertise-client-urls': url(client),
      'listen-peer-urls': url(peer),
      'initial-advertise-peer-urls': url(peer),
      'initial-cluster': initial,
      'initial-cluster-state': 'new',
      'log-level': 'error',
    }
    const argv = Object.entries(options).map(([key, value]) => `--${key}=${value}`)
    return spawn('etcd', argv, { stdio: 'ignore' })
  })
  const sessions = ports.map(({ client }) => {
    const session = connectHttp2(url(client))
    session.on('error', () => {})
    return session
  })
  const leader = await leaderOf(ports.map(({ client }) => client))
  for (const [i, session] of sessions.entries()) if (i !== leader) session.destroy()
  const session = connectHttp2(url(ports[leader]!.client))
  sessions[leader]!.destroy()
  const value = new Uint8Array(operationBytes)
  let puts = 0
  return {
    put: async () => {
      puts += 1
      await unary(session, '/etcdserverpb.KV/Put', putRequest(`key-${puts}`, value))
    },
    stop: async () => {
      session.destroy()
      await Promise.all(
        children.map(async (child) => {
          const ended = once(child, 'exit')
          child.kill('SIGKILL')
          await ended
        }),
      )
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Which of them says that it leads; waits for an election. */
async function leaderOf(ports: readonly number[]): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    for (const [i, port] of ports.entries()) {
      const answer = await fetch(`http://127.0.0.1:${port}/v3/maintenance/status`, {
        method: 'POST',
        body: '{}',
      }).catch(() => undefined)
      const status = (await answer?.json().catch(() => undefined)) as
        | { leader?: string; header?: { member_id?: string } }
        | undefined
      if (status?.leader && status.leader === status.header?.member_id) return i
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('no etcd leads')
}
