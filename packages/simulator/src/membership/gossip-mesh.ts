/**
 * Gossip over a random mesh, as gossipsub floods it: who hears a record for the first time passes
 * it to all its neighbours. Links do not lose, because they are streams.
 *
 * @module
 */
import type { EventQueue } from '../kernel/event-queue.ts'
import type { Random } from '../kernel/random.ts'

export interface GossipMeshInit {
  readonly peers: number
  /** Links of a peer, on average; gossipsub's default mesh has 6. */
  readonly degree: number
  /** One hop takes between these, in ms. */
  readonly hopMs: readonly [low: number, high: number]
  readonly random: Random
  readonly events: EventQueue
}

export interface GossipMesh {
  neighbours(peer: number): readonly number[]
  /** A new peer with `degree` links; its number. */
  join(): number
  /** The peer stops: it passes nothing on and hears nothing. */
  kill(peer: number): void
  unlink(a: number, b: number): void
  /** Spreads a record; `heard` runs once for each peer but the origin. */
  spread(origin: number, heard: (peer: number) => void): void
  /** Copies sent so far, by all peers. */
  readonly copies: number
}

export function createGossipMesh(init: GossipMeshInit): GossipMesh {
  const { degree, hopMs, random, events } = init
  const links: Set<number>[] = []
  const dead = new Set<number>()
  let copies = 0

  const link = (a: number, b: number) => {
    if (a === b) return
    links[a]!.add(b)
    links[b]!.add(a)
  }
  const join = (count: number): number => {
    const peer = links.length
    links.push(new Set())
    for (let i = 0; i < Math.min(count, peer); i += 1) link(peer, random.below(peer))
    return peer
  }
  // A ring first, so that nobody is cut off; the rest at random.
  for (let peer = 0; peer < init.peers; peer += 1) links.push(new Set())
  for (let peer = 0; peer < init.peers; peer += 1) {
    link(peer, (peer + 1) % init.peers)
    for (let i = 1; i < degree / 2; i += 1) link(peer, random.below(init.peers))
  }

  return {
    neighbours: (peer) => [...links[peer]!].filter((other) => !dead.has(other)),
    join: () => join(degree),
    kill: (peer) => {
      dead.add(peer)
    },
    unlink(a, b) {
      links[a]!.delete(b)
      links[b]!.delete(a)
    },
    spread(origin, heard) {
      const seen = new Set([origin])
      const pass = (peer: number, from: number) => {
        for (const next of links[peer]!) {
          if (next === from) continue
          copies += 1
          const [low, high] = hopMs
          events.after(random.between(low, high), () => {
            if (dead.has(next) || seen.has(next)) return
            seen.add(next)
            heard(next)
            pass(next, peer)
          })
        }
      }
      pass(origin, origin)
    },
    get copies() {
      return copies
    },
  }
}
