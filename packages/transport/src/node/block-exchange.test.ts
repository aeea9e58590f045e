import type { BlockStore } from '@folkmoot/base'
import { contentIdOf } from '@folkmoot/codec'
import { afterEach, describe, expect, it } from 'vitest'
import { createBlockExchange } from '../block-exchange.ts'
import { SYNC_PROTOCOL } from '../stream-gate.ts'
import { labNode, stopLab } from './lab.ts'

afterEach(stopLab)

function memoryBlocks(...initial: Uint8Array[]): BlockStore & { readonly ids: () => string[] } {
  const kept = new Map<string, Uint8Array>(initial.map((bytes) => [contentIdOf(bytes), bytes]))
  return {
    get: async (id) => kept.get(id),
    put: async (id, bytes) => void kept.set(id, bytes),
    has: async (id) => kept.has(id),
    ids: () => [...kept.keys()],
  }
}

async function three() {
  const nodes = await Promise.all([1, 2, 3].map((seed) => labNode({ seed })))
  const [a, b, c] = nodes
  await a!.transport.dial(b!.transport.addresses()[0]!)
  await a!.transport.dial(c!.transport.addresses()[0]!)
  return [a!, b!, c!] as const
}

const block = new Uint8Array(500_000).fill(7)
const id = contentIdOf(block)

describe('the block exchange', () => {
  it('finds a block with whoever has it, checks it and keeps it', async () => {
    const [a, b, c] = await three()
    const store = memoryBlocks()
    const blocks = createBlockExchange({ transport: a.transport, blocks: store })
    createBlockExchange({ transport: b.transport, blocks: memoryBlocks() })
    createBlockExchange({ transport: c.transport, blocks: memoryBlocks(block) })
    const from = [b.transport.peer, c.transport.peer]
    expect(await blocks.get(id, from)).toEqual(block)
    expect(store.ids()).toEqual([id])
    expect(await blocks.get(id, [])).toEqual(block)
  })

  it('does not believe bytes that do not hash to the id, and asks the next', async () => {
    const [a, b, c] = await three()
    const store = memoryBlocks()
    const blocks = createBlockExchange({ transport: a.transport, blocks: store })
    b.transport.handle(SYNC_PROTOCOL, async (stream) => {
      for await (const _ of stream.frames()) await stream.send(new Uint8Array([1, 6, 6, 6]))
    })
    await expect(blocks.get(id, [b.transport.peer])).rejects.toMatchObject({
      code: 'transport/block-missing',
    })
    expect(store.ids()).toEqual([])
    createBlockExchange({ transport: c.transport, blocks: memoryBlocks(block) })
    expect(await blocks.get(id, [b.transport.peer, c.transport.peer])).toEqual(block)
  })

  it('serves only what it may, and hangs up on what is no request', async () => {
    const [a, b] = await three()
    const blocks = createBlockExchange({ transport: a.transport, blocks: memoryBlocks() })
    createBlockExchange({ transport: b.transport, blocks: memoryBlocks(block), allow: () => false })
    await expect(blocks.get(id, [b.transport.peer])).rejects.toThrow('nobody had')
    const stream = await a.transport.open(b.transport.peer, SYNC_PROTOCOL)
    await stream.send(new Uint8Array([1, 2, 3]))
    await expect(
      (async () => {
        for await (const _ of stream.frames());
      })(),
    ).rejects.toMatchObject({ code: 'transport/closed' })
  })
})
