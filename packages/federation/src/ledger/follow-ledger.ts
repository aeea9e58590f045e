/**
 * Keeps a member's copy of the ledger up to date: takes entries as they are told, fetches what is
 * missing from whoever is there, and believes nothing that does not verify.
 *
 * @module
 */
import { errorMessage, type Logger, type Millis, type Timers, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'

export interface FollowedLog {
  readonly height: number
  accept(entry: Uint8Array): Promise<Verdict<{ height: number }>>
}

export interface FollowLedgerInit {
  readonly follower: FollowedLog
  /** Whether there is nothing to follow at the moment. */
  readonly isIdle: () => boolean
  /** Peers worth asking, best first. */
  readonly sources: () => readonly PeerId[]
  readonly fetch: (
    from: PeerId,
    height: number,
  ) => Promise<Verdict<{ tip: number; entries: readonly Uint8Array[] }>>
  readonly timers: Timers
  readonly logger: Logger
  /** Time between two looks when nothing was heard, in ms. */
  readonly pollMs: Millis
  /** Told when an entry was taken. */
  readonly advanced: () => void
  /** Told when a source served something that does not verify. */
  readonly misled: (source: PeerId, verdict: Verdict) => void
}

export interface LedgerFollowing {
  /** An entry as gossip told it. */
  told(entry: Uint8Array): void
  /** Resolves when nobody that could be asked knows more. */
  catchUp(): Promise<void>
  /** True when somebody is known to be ahead. */
  behind(): boolean
  stop(): void
}

/** At most this many rounds with one source before the next is asked. */
const maxRounds = 1_000

export function followLedger(init: FollowLedgerInit): LedgerFollowing {
  let stopped = false
  let running: Promise<void> | null = null
  let again = false
  let known = 0

  const drain = async (source: PeerId): Promise<boolean> => {
    for (let round = 0; round < maxRounds && !stopped; round++) {
      const answer = await init.fetch(source, init.follower.height + 1)
      if (!answer.ok) return false
      known = Math.max(known, answer.tip)
      if (answer.entries.length === 0) return true
      for (const entry of answer.entries) {
        const verdict = await init.follower.accept(entry)
        if (!verdict.ok) {
          init.misled(source, verdict)
          return false
        }
      }
      init.advanced()
      if (init.follower.height >= answer.tip) return true
    }
    return true
  }

  const run = async (): Promise<void> => {
    do {
      again = false
      for (const source of init.sources().slice(0, 3)) {
        try {
          if (await drain(source)) break
        } catch (error) {
          init.logger.log('debug', 'a source of the ledger failed', { reason: errorMessage(error) })
        }
      }
      // What nobody could show is not believed in.
      if (!again) known = Math.min(known, init.follower.height)
    } while (again && !stopped)
  }
  const catchUp = (): Promise<void> => {
    if (init.isIdle()) return Promise.resolve()
    if (running !== null) {
      again = true
      return running
    }
    running = run().finally(() => {
      running = null
    })
    return running
  }
  const cancel = init.timers.every(init.pollMs, () => void catchUp())

  return {
    told: (entry) => {
      if (init.isIdle()) return
      init.follower
        .accept(entry)
        .then((verdict) => {
          if (verdict.ok) init.advanced()
          else void catchUp()
        })
        // A full disk stops the ledger, which says why; nothing else needs to end.
        .catch((error: unknown) => {
          init.logger.log('error', 'an entry could not be taken', { reason: errorMessage(error) })
        })
    },
    catchUp,
    behind: () => known > init.follower.height,
    stop: () => {
      stopped = true
      cancel()
    },
  }
}
