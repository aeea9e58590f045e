/**
 * A network in memory: messages arrive in order, after the present step.
 *
 * @module
 */
import type { ConsensusNetwork } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'

interface Port {
  readonly message: Set<(from: PeerId, bytes: Uint8Array) => void>
  readonly connected: Set<(peer: PeerId) => void>
}

export interface Hub {
  /** Takes the place of whoever had this id before. */
  attach(peer: PeerId): ConsensusNetwork
  /** Messages between these two are lost, until it is called with false. */
  cut(a: PeerId, b: PeerId, off?: boolean): void
}

export function createHub(): Hub {
  const ports = new Map<PeerId, Port>()
  const broken = new Set<string>()
  const name = (a: PeerId, b: PeerId) => [a, b].sort().join(' ')
  return {
    attach(peer) {
      const port: Port = { message: new Set(), connected: new Set() }
      ports.set(peer, port)
      const send = (to: PeerId, bytes: Uint8Array) => {
        setImmediate(() => {
          if (broken.has(name(peer, to)) || ports.get(peer) !== port) return
          for (const listener of ports.get(to)?.message ?? []) listener(peer, bytes)
        })
      }
      return {
        send,
        onMessage: (listener) => {
          port.message.add(listener)
          return () => port.message.delete(listener)
        },
        onConnected: (listener) => {
          port.connected.add(listener)
          return () => port.connected.delete(listener)
        },
        publish: (bytes) => {
          for (const to of ports.keys()) if (to !== peer) send(to, bytes)
        },
        connected: () => [...ports.keys()].filter((each) => each !== peer),
      }
    },
    cut(a, b, off = true) {
      if (off) broken.add(name(a, b))
      else broken.delete(name(a, b))
    },
  }
}
