/**
 * Sees to it that nobody holds up a change of voters for ever: gives notice to whoever it waits for,
 * and has the seat freed when the charter's time is over. The ledger judges; this only asks it.
 *
 * @module
 */
import {
  type Clock,
  errorMessage,
  type Logger,
  type Millis,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { type VoterSet, voterIndex } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { Ledger } from '@folkmoot/ledger'
import type { Intent } from '../ledger/shared-ledger.ts'

export interface FreeHeldSeatsInit {
  readonly me: PeerId
  readonly state: Ledger
  /** The epoch that runs, and its voters; null while the founder decides alone. */
  readonly epoch: () => number
  readonly voterSet: () => VoterSet | null
  readonly submit: (intent: Intent) => Promise<Verdict>
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
}

const lookMs: Millis = 2_000
/** Keys and a step into the next epoch take seconds: no notice before this. */
const patienceMs: Millis = 20_000
/** One voter after the other, so that most find it said already. */
const turnMs: Millis = 2_000

export function freeHeldSeats(init: FreeHeldSeatsInit): { stop(): void } {
  const { me, state, clock, logger } = init
  /** When the change was first seen to wait for a peer. */
  const seen = new Map<PeerId, Millis>()
  let busy = false

  const next = (): PeerId | undefined => {
    const { voting } = state.state()
    const set = init.voterSet()
    const turn = set === null ? undefined : voterIndex(set, me)
    // Before the first operation of an epoch the state does not know that the change is over.
    if (turn === undefined || voting.epoch !== init.epoch()) return undefined
    const held = voting.holdingUp
    for (const peer of [...seen.keys()]) if (!held.has(peer)) seen.delete(peer)
    const now = clock.now()
    for (const [peer, until] of held) {
      const since = seen.get(peer) ?? now
      seen.set(peer, since)
      const due = Math.max(since + patienceMs, until ?? 0) + turn * turnMs
      if (now >= due) return peer
    }
    return undefined
  }
  const look = () => {
    const peer = busy ? undefined : next()
    if (peer === undefined) return
    busy = true
    init
      .submit({ kind: 'voter.overdue', body: { peer } })
      .then((verdict) => {
        const fields = { peer, ...(verdict.ok ? {} : { code: verdict.fault.code }) }
        logger.log('warn', 'a change of voters waits', fields)
      })
      .catch((error: unknown) =>
        logger.log('warn', 'a held-up change was not reported', { reason: errorMessage(error) }),
      )
      .finally(() => {
        busy = false
      })
  }
  return { stop: init.timers.every(lookMs, look) }
}
