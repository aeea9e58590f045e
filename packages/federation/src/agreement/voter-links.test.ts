import { memoryStore, silentLogger } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { nodeClock, nodeRandomness, nodeTimers, signerFromSeed } from '@folkmoot/storage/node'
import { waitUntil } from '@folkmoot/testing'
import type { Transport } from '@folkmoot/transport'
import { createNodeTransport } from '@folkmoot/transport/node'
import { afterEach, expect, it } from 'vitest'
import { keepVoterLinks, type VoterLinks } from './voter-links.ts'

const stops: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function node(fill: number, port = 0): Promise<Transport> {
  const transport = await createNodeTransport({
    signer: await signerFromSeed(new Uint8Array(32).fill(fill)),
    listen: [`/ip4/127.0.0.1/tcp/${port}`],
    gate: { allow: () => 'member' },
    randomness: nodeRandomness(),
  })
  stops.push(() => transport.stop())
  return transport
}

function keep(
  transport: Transport,
  voters: readonly PeerId[],
  announced: ReadonlyMap<PeerId, readonly string[]>,
  store = memoryStore(),
): VoterLinks {
  const links = keepVoterLinks({
    me: transport.peer,
    transport,
    voters: () => voters,
    announced: (peer) => announced.get(peer) ?? [],
    ask: () => {},
    store,
    clock: nodeClock,
    timers: nodeTimers,
    randomness: nodeRandomness(),
    logger: silentLogger,
  })
  stops.push(links.stop)
  return links
}

const portOf = (transport: Transport) =>
  Number(/tcp\/(\d+)/.exec(transport.addresses()[0] ?? '')?.[1])
const isLinked = (transport: Transport, peer: PeerId) =>
  transport.links().some((link) => link.peer === peer)

it('dials a voter where it announced, and again after it was away', async () => {
  const a = await node(1)
  const b = await node(2)
  const port = portOf(b)
  const announced = new Map([[b.peer, b.addresses()]])
  keep(a, [a.peer, b.peer], announced)
  await waitUntil('they are linked', () => isLinked(b, a.peer))
  await b.stop()
  await waitUntil('it is gone', () => !isLinked(a, b.peer))
  const again = await node(2, port)
  await waitUntil('they are linked again', () => isLinked(again, a.peer))
})

it('remembers over a restart where voters were, with nobody there to ask', async () => {
  const a = await node(1)
  const b = await node(2)
  const store = memoryStore()
  const first = keep(a, [b.peer], new Map([[b.peer, b.addresses()]]), store)
  await waitUntil('it is kept', async () => (await store.get(`voters/addresses/${b.peer}`)) != null)
  first.stop()
  await a.stop()
  const later = await node(1)
  keep(later, [b.peer], new Map(), store)
  await waitUntil('they are linked', () => isLinked(b, later.peer))
})

it('does not dial what a voter says about somebody else', async () => {
  const a = await node(1)
  const b = await node(2)
  const c = await node(3)
  keep(a, [b.peer], new Map([[b.peer, c.addresses()]]))
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(a.links()).toEqual([])
  expect(c.links()).toEqual([])
})
