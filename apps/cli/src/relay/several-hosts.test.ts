/** Relays as on machines of their own: each on its own address, one found elsewhere than it listens. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Peer, Status } from '../admin-api.ts'
import { decide, knows, seatAll, stopRelays } from './committee.ts'
import { folkmoot, freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

let folder: string
let relays: SpawnedRelay[]
let doors: { server: Server; sockets: Set<Socket> }[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  relays = []
  doors = []
})
afterEach(async () => {
  await stopRelays({ started: relays, relays, start: () => relays[0]! })
  for (const { server, sockets } of doors) {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  await rm(folder, { recursive: true, force: true })
})

/** A port that is forwarded, as by a router or a container's host; returns how often it was used. */
async function door(at: string, to: { host: string; port: number }): Promise<() => number> {
  const sockets = new Set<Socket>()
  let used = 0
  const server = createServer((outer) => {
    used += 1
    const inner = connect(to.port, to.host)
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  doors.push({ server, sockets })
  server.listen(to.port, at)
  await once(server, 'listening')
  return () => used
}

function start(name: string, args: readonly string[]): SpawnedRelay {
  const relay = spawnRelay(join(folder, name), ['--worker', '0', '--nickname', name, ...args])
  relays.push(relay)
  return relay
}

/** Joins from behind a router, at an address that no process of it listens on. */
async function joinBehind(name: string, link: string, host: string, router: string) {
  const ports = await freePorts()
  const portOf = (flag: string) => Number(ports[ports.indexOf(flag) + 1])
  const [wsPort, tcpPort] = [portOf('--port'), portOf('--tcp-port')]
  const doorsUsed = await Promise.all([wsPort, tcpPort].map((port) => door(router, { host, port })))
  const announced = [`/ip4/${router}/tcp/${tcpPort}`, `/ip4/${router}/tcp/${wsPort}/ws`]
  const behind = ['--host', host, '--announce', announced.join()]
  const relay = start(name, ['--join', link, ...behind, ...ports])
  const { page, peerId } = await relay.ready()
  expect(page).toBe(`http://${router}:${wsPort}`)
  const { addresses } = await relay.admin<Status>('/v1/status')
  expect(addresses.filter((address) => !address.includes('p2p-circuit'))).toEqual(
    announced.map((address) => `${address}/p2p/${peerId}`),
  )
  return { relay, peerId, used: () => doorsUsed.reduce((sum, used) => sum + used(), 0) }
}

it('relays on several machines find each other where they say, and go on without the first', {
  timeout: 400_000,
}, async () => {
  const founding = ['--preset', 'test', '--study', 'none', '--engine', 'raft']
  const first = start('first', [...founding, '--host', '127.0.0.2', ...(await freePorts())])
  const { invite, page } = await first.ready()
  expect(page).toMatch(/^http:\/\/127\.0\.0\.2:/)
  const link = join(folder, 'link')
  await writeFile(link, `${invite}\n`, { mode: 0o600 })
  const second = await joinBehind('second', link, '127.0.0.3', '127.0.0.13')
  const third = await joinBehind('third', link, '127.0.0.4', '127.0.0.14')
  await seatAll({ relays, started: relays, start: () => first })

  const doctor = await folkmoot('doctor', '--state', join(folder, 'third'))
  expect(doctor.data).toContainEqual(expect.objectContaining({ name: 'powers', result: 'warning' }))

  // Both knew the first alone by their invitation; without it only what they announced leads on.
  first.kill('SIGKILL')
  await first.exit
  const decided = await decide(third.relay, 'somebody@example.org')
  await waitUntil('the second knows', () => knows(second.relay, decided))
  const peers = await third.relay.admin<Peer[]>('/v1/peers')
  const { link: between } = peers.find(({ peer }) => peer === second.peerId) ?? {}
  expect(['tcp', 'websocket']).toContain(between?.kind)
  expect(second.used() + third.used()).toBeGreaterThan(0)
})
