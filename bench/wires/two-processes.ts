/**
 * This process and another one, joined in every way that is compared.
 *
 * @module
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, type Peer } from '@folkmoot/federation'
import { nodePlatform } from '@folkmoot/federation/node'
import type { PeerId } from '@folkmoot/identity'
import { multiaddr } from '@multiformats/multiaddr'
import type { Answering } from './answering-process.ts'
import { bareNode } from './bare-node.ts'
import { type ByteLine, streamLine } from './byte-line.ts'
import { dialSocket } from './socket-line.ts'

export const nodeTransports = ['tcp', 'websocket'] as const
export type NodeTransport = (typeof nodeTransports)[number]

export interface AnsweringProcess extends Answering {
  readonly pid: number
  stop(): Promise<void>
}

export async function startAnswering(): Promise<AnsweringProcess> {
  const child = fork(join(import.meta.dirname, 'answering-process.ts'), {
    execArgv: process.env.FOLKMOOT_BENCH_PROFILE ? ['--cpu-prof'] : [],
  })
  const [answering] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the answering process ended with ${code}`)
    }),
  ])) as [Answering]
  return {
    ...answering,
    pid: child.pid!,
    stop: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

export interface Wires {
  readonly peer: Peer
  readonly home: PeerId
  /** A new bare libp2p stream over the same kind of transport. */
  bare(protocol: string): Promise<ByteLine>
  /** A new bare TCP socket. */
  socket(port: number): Promise<ByteLine>
  stop(): Promise<void>
}

/** Joins as a member over one transport, and dials bare libp2p over the same. */
export async function connectWires(answering: Answering, transport: NodeTransport): Promise<Wires> {
  const over = (addresses: readonly string[]) =>
    addresses.filter((address) => address.includes('/ws') === (transport === 'websocket'))
  const state = await mkdtemp(join(tmpdir(), 'folkmoot-bench-'))
  const platform = await nodePlatform({ state, listen: [], sandbox: false })
  const peer = await createPeer({
    platform,
    charter: unhex(answering.charter),
    role: {
      kind: 'member',
      relays: over(answering.relays),
      invitation: { bytes: unhex(answering.invitation), seed: unhex(answering.seed) },
    },
    nickname: transport,
  })
  const node = await bareNode()
  const address = multiaddr(over(answering.bare)[0]!)
  const sockets: (() => void)[] = []
  return {
    peer,
    home: answering.home as PeerId,
    bare: async (protocol) => streamLine(await node.dialProtocol(address, protocol)),
    socket: async (port) => {
      const line = await dialSocket(port)
      sockets.push(line.close)
      return line
    },
    stop: async () => {
      for (const close of sockets) close()
      await node.stop()
      await peer.stop()
      await rm(state, { recursive: true })
    },
  }
}

function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}
