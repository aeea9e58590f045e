/**
 * Whom this peer can ask now: its relay, and the members that it is linked to.
 *
 * @module
 */
import type { Clock, Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import type { Standing } from './join/admissions.ts'

export interface NeighbourhoodInit {
  readonly transport: Transport
  readonly clock: Clock
  /** The founder, whose relay records and leases. */
  readonly home: PeerId
  /** This peer is the founder. */
  readonly leads: boolean
  readonly standing: (peer: PeerId) => Standing
}

export interface Neighbourhood {
  isUp(peer: PeerId): boolean
  /** Members with a link, each once. */
  members(): PeerId[]
  /** The relay first, then the members. */
  sources(): PeerId[]
  /** Whether the relay is connected, and when it was last seen to be. */
  relay(): { readonly peer: PeerId; readonly up: boolean; readonly heardAt: Millis }
  /** The relay has answered just now. */
  heard(): void
}

export function createNeighbourhood(init: NeighbourhoodInit): Neighbourhood {
  const { transport, clock, home } = init
  let heardAt: Millis = clock.now()
  const isUp = (peer: PeerId) => transport.links().some((link) => link.peer === peer)
  const members = () =>
    [...new Set(transport.links().map((link) => link.peer))].filter(
      (peer) => init.standing(peer) === 'member',
    )
  return {
    isUp,
    members,
    sources: () => [...new Set([...(isUp(home) ? [home] : []), ...members()])],
    relay: () => {
      const up = init.leads || isUp(home)
      if (up) heardAt = clock.now()
      return { peer: home, up, heardAt }
    },
    heard: () => {
      heardAt = clock.now()
    },
  }
}
