/**
 * Whom this peer can ask now: relays, and the members that it is linked to.
 *
 * @module
 */
import type { Clock, Millis, Randomness } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import type { Standing } from './join/admissions.ts'

export interface NeighbourhoodInit {
  readonly transport: Transport
  readonly clock: Clock
  readonly randomness: Randomness
  readonly me: PeerId
  /** The founder, who leases studies while it is heard. */
  readonly home: PeerId
  /** Peers that this one joins through, the most wanted first. */
  readonly relays: readonly PeerId[]
  /** This peer is a relay itself. */
  readonly isRelay: boolean
  readonly standing: (peer: PeerId) => Standing
}

/** A peer, whether it is connected, and when it was last seen to be. */
export interface Heard {
  readonly peer: PeerId
  readonly up: boolean
  readonly heardAt: Millis
}

export interface Neighbourhood {
  isUp(peer: PeerId): boolean
  /** Members with a link, each once. */
  members(): PeerId[]
  /** Members with a link in random order, the first ones of different groups as far as there are. */
  several(groupOf: (peer: PeerId) => string | undefined): PeerId[]
  /** Relays first, then the other members. */
  sources(): PeerId[]
  /** The relay that is connected, or the one that should be. */
  relay(): Heard
  /** The founder's peer. */
  home(): Heard
  /** The relay has answered just now. */
  heard(): void
}

export function createNeighbourhood(init: NeighbourhoodInit): Neighbourhood {
  const { transport, clock, me, home, relays } = init
  const started = clock.now()
  const heardAt = new Map<PeerId, Millis>()
  const isUp = (peer: PeerId) => peer === me || transport.links().some((link) => link.peer === peer)
  const members = () =>
    [...new Set(transport.links().map((link) => link.peer))].filter(
      (peer) => init.standing(peer) === 'member',
    )
  const look = (peer: PeerId): Heard => {
    const up = isUp(peer)
    if (up) heardAt.set(peer, clock.now())
    return { peer, up, heardAt: heardAt.get(peer) ?? started }
  }
  return {
    isUp,
    members,
    several: (groupOf) => {
      const dice = new Map(members().map((peer) => [peer, init.randomness.bytes(4).join()]))
      const shuffled = [...dice].sort(([, a], [, b]) => (a < b ? -1 : 1)).map(([peer]) => peer)
      const groups = new Set<string | undefined>()
      const first = shuffled.filter((peer) => {
        const group = groupOf(peer)
        return !groups.has(group) && groups.add(group)
      })
      return [...new Set([...first, ...shuffled])]
    },
    sources: () => [...new Set([...relays.filter(isUp), ...members()])],
    relay: () => look(init.isRelay ? me : (relays.find(isUp) ?? relays[0] ?? home)),
    home: () => look(home),
    heard: () => {
      for (const peer of [home, ...relays]) if (isUp(peer)) heardAt.set(peer, clock.now())
    },
  }
}
