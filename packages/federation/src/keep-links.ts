/**
 * Whom this peer keeps direct links with: everyone who is here, as it has heard or as its relay has
 * named them. The ledger alone would name every laptop ever closed.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import type { PresenceService } from './presence.ts'

export interface KeepLinksInit {
  readonly me: PeerId
  readonly relays: readonly PeerId[]
  readonly transport: Pick<Transport, 'setPeers'>
  /** Undefined until this peer has begun to hear. */
  readonly presence: () => Pick<PresenceService, 'present' | 'wasBefore'> | undefined
  /** Members that a relay has named. */
  readonly named: () => readonly PeerId[]
}

/** Returns what is to be called whenever one of these may have changed. */
export function keepLinks(init: KeepLinksInit): () => void {
  return () => {
    const presence = init.presence()
    const heard = presence?.present() ?? []
    const named = init.named().filter((peer) => heard.every((each) => each.peer !== peer))
    const here = [
      ...heard.filter(({ status }) => status !== 'gone').map(({ peer }) => peer),
      ...named,
    ]
    const others = here.filter((peer) => peer !== init.me && !init.relays.includes(peer))
    // Who was here before us may not have heard of us yet, and so waits for us to dial. Those that
    // are only named were here when the relay named them.
    const waiting = others.filter((peer) => presence?.wasBefore(peer) ?? true)
    init.transport.setPeers(others, new Set(waiting))
  }
}
