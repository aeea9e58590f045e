/**
 * The network as an engine needs it from its first moment on, although links come only after the
 * shared state was read: nobody is there until the real network is attached.
 *
 * @module
 */
import type { ConsensusNetwork } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'

export interface DeferredNetwork extends ConsensusNetwork {
  /** From now on everything goes through `network`; whoever is linked already has just arrived. */
  attach(network: ConsensusNetwork): void
}

export function deferNetwork(): DeferredNetwork {
  const messages = new Set<(from: PeerId, bytes: Uint8Array) => void>()
  const arrivals = new Set<(peer: PeerId) => void>()
  let real: ConsensusNetwork | undefined
  const listen = <Listener>(set: Set<Listener>, listener: Listener) => {
    set.add(listener)
    return () => set.delete(listener)
  }
  return {
    send: (to, bytes, urgency) => real?.send(to, bytes, urgency),
    publish: (bytes) => real?.publish(bytes),
    connected: () => real?.connected() ?? [],
    onMessage: (listener) => listen(messages, listener),
    onConnected: (listener) => listen(arrivals, listener),
    attach: (network) => {
      real = network
      network.onMessage((from, bytes) => {
        for (const listener of messages) listener(from, bytes)
      })
      network.onConnected((peer) => {
        for (const listener of arrivals) listener(peer)
      })
      for (const peer of network.connected()) for (const listener of arrivals) listener(peer)
    },
  }
}
