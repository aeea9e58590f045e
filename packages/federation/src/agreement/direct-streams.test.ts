import { silentLogger, silentMetrics } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { nodeClock, nodeRandomness, signerFromSeed } from '@folkmoot/storage/node'
import { waitUntil } from '@folkmoot/testing'
import type { Transport } from '@folkmoot/transport'
import { createNodeTransport } from '@folkmoot/transport/node'
import { afterEach, expect, it } from 'vitest'
import {
  consensusProtocol,
  type DirectStreams,
  memberAllowance,
  openDirectStreams,
} from './direct-streams.ts'

interface Node {
  readonly transport: Transport
  readonly streams: DirectStreams
  readonly heard: { from: PeerId; bytes: Uint8Array }[]
  readonly dropped: Record<string, number>
}

const running: Node[] = []
afterEach(async () => {
  for (const { streams, transport } of running.splice(0)) {
    streams.stop()
    await transport.stop()
  }
})

async function node(fill: number, isVoter: (peer: PeerId) => boolean): Promise<Node> {
  const transport = await createNodeTransport({
    signer: await signerFromSeed(new Uint8Array(32).fill(fill)),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    gate: { allow: () => 'member' },
    randomness: nodeRandomness(),
  })
  const heard: Node['heard'] = []
  const dropped: Node['dropped'] = {}
  const streams = openDirectStreams({
    transport,
    clock: nodeClock,
    logger: silentLogger,
    metrics: {
      ...silentMetrics,
      count: (_name: string, labels?: Readonly<Record<string, string>>) => {
        const reason = labels?.reason
        if (reason) dropped[reason] = (dropped[reason] ?? 0) + 1
      },
    },
    isVoter,
    onMessage: (from, bytes) => heard.push({ from, bytes }),
  })
  const made = { transport, streams, heard, dropped }
  running.push(made)
  return made
}

const message = (number: number, size = 100) => {
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}
const numbers = ({ heard }: Node) =>
  heard.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0))

it('brings messages both ways, in order, and says where there is no link', async () => {
  const [a, b] = await Promise.all([node(1, () => true), node(2, () => true)])
  expect(a.streams.send(b.transport.peer, message(0))).toBe(false)
  await a.transport.dial(b.transport.addresses()[0]!)
  await waitUntil('both are linked', () => b.transport.links().length === 1)
  for (let i = 0; i < 500; i++) expect(a.streams.send(b.transport.peer, message(i))).toBe(true)
  b.streams.send(a.transport.peer, message(7, 1_000_000))
  await waitUntil('all came', () => b.heard.length === 500 && a.heard.length === 1)
  expect(numbers(b)).toEqual(Array.from({ length: 500 }, (_, i) => i))
  expect(b.heard[0]!.from).toBe(a.transport.peer)
  expect(a.heard[0]!.bytes.length).toBe(1_000_000)
})

it('lets those who do not vote ask a little, and drops what is beyond', async () => {
  const [a, b] = await Promise.all([node(1, () => true), node(2, () => false)])
  await a.transport.dial(b.transport.addresses()[0]!)
  await waitUntil('both are linked', () => b.transport.links().length === 1)
  a.streams.send(b.transport.peer, message(0, memberAllowance.frameBytes + 1))
  for (let i = 1; i <= 400; i++) a.streams.send(b.transport.peer, message(i))
  await waitUntil('it was dropped', () => (b.dropped.rate ?? 0) > 300)
  expect(b.dropped.size).toBe(1)
  expect(b.heard.length).toBeLessThan(100)
})

it('counts what a peer sends over all the streams that it opens', async () => {
  const [a, b] = await Promise.all([node(1, () => true), node(2, () => false)])
  await a.transport.dial(b.transport.addresses()[0]!)
  await waitUntil('both are linked', () => b.transport.links().length === 1)
  for (let round = 0; round < 12; round++) {
    const stream = await a.transport.open(b.transport.peer, consensusProtocol, { maxFrame: 1_024 })
    for (let i = 0; i < 40; i++) await stream.send(message(i))
    await stream.close()
  }
  await waitUntil('the last was dropped', () => {
    return (b.dropped.rate ?? 0) + b.heard.length === 12 * 40
  })
  // A slow machine takes seconds for it, in which a little is earned.
  expect(b.heard.length).toBeLessThan(2 * memberAllowance.messagesAtOnce + 50)
})

it('goes on with a peer that went and came back', async () => {
  const [a, b] = await Promise.all([node(1, () => true), node(2, () => true)])
  const [address] = b.transport.addresses()
  await a.transport.dial(address!)
  a.streams.send(b.transport.peer, message(1))
  await waitUntil('it came', () => b.heard.length === 1)
  await b.transport.hangUp(a.transport.peer, 'the test')
  await waitUntil('the link is gone', () => a.transport.links().length === 0)
  expect(a.streams.send(b.transport.peer, message(2))).toBe(false)
  await a.transport.dial(address!)
  await waitUntil('a later one comes', () => {
    a.streams.send(b.transport.peer, message(3))
    return b.heard.length > 1
  })
})

it('sends what is repeated behind everything else, and loses it first', async () => {
  const [a, b] = await Promise.all([node(1, () => true), node(2, () => true)])
  await a.transport.dial(b.transport.addresses()[0]!)
  await waitUntil('both are linked', () => b.transport.links().length === 1)
  const to = b.transport.peer
  // Six MiB of operations in one go, with votes before, between and after.
  for (let i = 0; i < 60; i++) {
    a.streams.send(to, message(i))
    a.streams.send(to, message(1_000 + i, 100 * 1024), 'repeated')
  }
  for (let i = 60; i < 70; i++) a.streams.send(to, message(i))
  const operations = () => numbers(b).filter((number) => number >= 1_000)
  await waitUntil('what was kept came', () => operations().length + (a.dropped.slow ?? 0) === 60)
  expect(numbers(b).slice(0, 70)).toEqual(Array.from({ length: 70 }, (_, i) => i))
  // The oldest two MiB: what came later comes again later.
  expect(operations()).toEqual(Array.from({ length: 20 }, (_, i) => 1_000 + i))
})
