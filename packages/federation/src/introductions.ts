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
import { membershipPresent } from './services.ts'

export interface IntroductionsInit {
  readonly exchange: Exchange
  readonly timers: Timers
  readonly logger: Logger
  /** Whom to ask, the relay first; nobody for the founder. */
  readonly ask: readonly PeerId[]
  /** Who is here, as this peer has heard it. */
  readonly here: () => readonly PeerId[]
  readonly isMember: (peer: PeerId) => boolean
  /** How many are here, of whom only some are named. */
  readonly told: (count: number) => void
  readonly changed: () => void
}

export interface Introductions {
  /** Peers that were named and may not have been heard yet. */
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
      const peers = init.here().filter((peer) => peer !== from)
      // The newcomer, and whoever answers.
      const count = peers.length + 2
      return { ok: true, output: { peers: peers.slice(0, most), count } }
    },
  })
  const hear = async (): Promise<void> => {
    for (const peer of init.ask) {
      const answer = await exchange.call(peer, membershipPresent, {}, { deadlineMs: 5_000 })
      if (!answer.ok) {
        logger.log('debug', 'nobody was introduced', { code: answer.fault.code })
        continue
      }
      if (answer.output.count !== undefined) init.told(answer.output.count)
      named = (answer.output.peers as PeerId[]).filter(init.isMember)
      cancel = init.timers.after(namedMs, () => {
        named = []
      })
      init.changed()
      return
    }
  }
  void hear()
  return { named: () => named, stop: () => cancel?.() }
}
