/**
 * Real nodes on loopback for this package's own tests.
 *
 * @module
 */
import { type Randomness, silentMetrics } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { nodeRandomness, signerFromSeed } from '@folkmoot/storage/node'
import type { Standing, Transport } from '../transport.ts'
import { createNodeTransport, type NodeTransportInit } from './create-node-transport.ts'

export interface LabNode {
  readonly transport: Transport
  /** What this node's gate answers; default `member`. */
  readonly standings: Map<PeerId, Standing>
  /** Counts by metric name. */
  readonly counts: Map<string, number>
}

export interface LabInit extends Partial<NodeTransportInit> {
  readonly seed: number
}

const running: Transport[] = []

/** A node on a free loopback port. */
export async function labNode(init: LabInit): Promise<LabNode> {
  const standings = new Map<PeerId, Standing>()
  const counts = new Map<string, number>()
  const randomness: Randomness = nodeRandomness()
  const transport = await createNodeTransport({
    signer: await signerFromSeed(new Uint8Array(32).fill(init.seed)),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    preset: 'test',
    gate: { allow: (peer) => standings.get(peer) ?? 'member' },
    randomness,
    metrics: {
      ...silentMetrics,
      count: (name, labels) => {
        const key = [name, ...Object.values(labels ?? {})].join(' ')
        counts.set(key, (counts.get(key) ?? 0) + 1)
      },
    },
    ...init,
  })
  running.push(transport)
  return { transport, standings, counts }
}

export async function stopLab(): Promise<void> {
  await Promise.all(running.splice(0).map((transport) => transport.stop()))
}

/** Resolves once `condition` holds; how long it takes is nobody's question here. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 40_000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`still not: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
