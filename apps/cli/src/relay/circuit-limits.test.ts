/** What one relayed circuit may carry and how long it may last, as the operator of the relay says. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peer } from '@folkmoot/federation'
import { waitUntil } from '@folkmoot/testing'
import type { FrameStream } from '@folkmoot/transport'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { joinRelay } from './join-relay.ts'
import { freePorts, type SpawnedRelay, spawnRelay } from './spawn-relay.ts'

const ECHO = '/folkmoot/echo/1'
const MiB = 1 << 20

let folder: string
let relay: SpawnedRelay
let peers: Peer[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-'))
  peers = []
})
afterEach(async () => {
  await Promise.all(peers.map((peer) => peer.stop()))
  relay.kill('SIGKILL')
  await relay.exit
  await rm(folder, { recursive: true, force: true })
})

/** A stream between two members that can be reached through the relay alone, echoed at its end. */
async function relayedStream(...limits: string[]): Promise<FrameStream> {
  const founding = ['--preset', 'test', '--study', 'none', '--worker', '0']
  relay = spawnRelay(join(folder, 'relay'), [...founding, ...(await freePorts()), ...limits])
  for (const nickname of ['ada', 'ben']) peers.push(await joinRelay(relay, { folder, nickname }))
  const [ada, ben] = peers as [Peer, Peer]
  ben.transport.handle(ECHO, async (stream) => {
    try {
      for await (const frame of stream.frames()) await stream.send(frame)
    } catch {}
  })
  let stream: FrameStream | undefined
  await waitUntil('ben can be reached', async () => {
    stream = await ada.transport.open(ben.me, ECHO).catch(() => undefined)
    return stream !== undefined
  })
  expect(stream!.link.kind).toBe('relayed')
  return stream!
}

/** How many bytes came back before the stream ended. */
async function echoed(stream: FrameStream): Promise<number> {
  let bytes = 0
  try {
    for await (const frame of stream.frames()) bytes += frame.byteLength
  } catch {}
  return bytes
}

it('ends a relayed link at the bytes that the operator named', { timeout: 180_000 }, async () => {
  const stream = await relayedStream('--circuit-bytes', String(6 * MiB))
  const frame = new Uint8Array(MiB / 4)
  const sending = (async () => {
    // With libp2p's default of 64 MiB all of it would arrive and the stream stay open.
    for (let sent = 0; sent < 16 * MiB; sent += frame.byteLength) await stream.send(frame)
  })().catch(() => {})
  expect(await echoed(stream)).toBeLessThan(6 * MiB)
  await sending
})

it('ends a relayed link at the time that the operator named', { timeout: 180_000 }, async () => {
  const stream = await relayedStream('--circuit-ms', '10000')
  await stream.send(new Uint8Array(1_000))
  expect(await echoed(stream)).toBe(1_000)
  // Its ends made another one before, or do now: the peers are not out of reach.
  const [ada, ben] = peers as [Peer, Peer]
  await ada.transport.dialPeer(ben.me)
})
