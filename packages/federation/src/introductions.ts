/**
 * Tells a newcomer at once who is here. Gossip keeps nothing for latecomers, and until the first
 * presence is heard a tab would have nobody to link with; what a relay names is only whom to dial,
 * and every link proves its key.
 *
 * @module
 */
import type { Logger, Millis, Timers } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Exchange } from './exchange/exchange.ts'
import type { PresentPeer } from './peer.ts'
import { membershipPresent } from './services.ts'

export interface IntroductionsInit {
  readonly exchange: Exchange
  readonly timers: Timers
  readonly logger: Logger
  /** Whom to ask, the relay first; nobody for the founder. */
  readonly relays: readonly PeerId[]
  /** Members that are linked with this peer, the first ones those whom a newcomer should be told of. */
  readonly linked: () => readonly PeerId[]
  /** Everyone whom this peer has heard of, itself included. */
  readonly present: () => readonly PresentPeer[]
  readonly isMember: (peer: PeerId) => boolean
  readonly changed: () => void
}

export interface Introductions {
  /** Asks who is here; resolves to how many there are, where somebody has said so. */
  ask(): Promise<number | undefined>
  /** Members that were named and may not have been heard yet. */
  named(): readonly PeerId[]
  stop(): void
}

/** By then their presence was heard, or they are not here. */
const namedMs: Millis = 20_000
/** More than a tab links with, so that its choice stays its own. */
const most = 64

export function startIntroductions(init: IntroductionsInit): Introductions {
  const { exchange, logger } = init
  let named: readonly PeerId[] = []
  let cancel: (() => void) | null = null
  exchange.expose({
    capability: membershipPresent,
    exposure: { to: 'members', maxConcurrent: 64, ratePerMinute: 30 },
    handler: async (_, { from }) => {
      // A circuit through a relay leads only to who is linked with it; and who joined just now is
      // linked before it is heard.
      const peers = init.linked().filter((peer) => peer !== from)
      const heard = init.present().filter(({ status }) => status !== 'gone')
      const count = new Set([from, ...peers, ...heard.map(({ peer }) => peer)]).size
      return { ok: true, output: { peers: peers.slice(0, most), count } }
    },
  })
  const ask = async (): Promise<number | undefined> => {
    for (const peer of init.relays) {
      const answer = await exchange.call(peer, membershipPresent, {}, { deadlineMs: 5_000 })
      if (!answer.ok) {
        logger.log('debug', 'nobody was introduced', { code: answer.fault.code })
        continue
      }
      named = answer.output.peers as PeerId[]
      cancel = init.timers.after(namedMs, () => {
        named = []
      })
      init.changed()
      return answer.output.count
    }
    return undefined
  }
  // The ledger may still be on its way when the names are there.
  return { ask, named: () => named.filter(init.isMember), stop: () => cancel?.() }
}
