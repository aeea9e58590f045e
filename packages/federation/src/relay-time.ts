/**
 * The relay's time on this machine, and what hangs on it: which envelopes were taken already. Keeps
 * both right when the relay's clock is measured, and when this machine's clock is set.
 *
 * @module
 */
import type { Logger, Millis, Timers } from '@folkmoot/base'
import type { ReplayWindow } from '@folkmoot/calls'
import { watchClock } from './clock-watch.ts'
import type { Platform } from './platform.ts'
import { createRelayClock, type RelayClock } from './relay-clock.ts'
import { createReplayMemory, takeKept } from './replay-memory.ts'

export interface RelayTimeInit {
  readonly platform: Pick<Platform, 'clock' | 'store'>
  readonly timers: Timers
  readonly logger: Logger
  /** This peer is the relay: its own clock is the relay's. */
  readonly leads: boolean
}

export interface RelayTime {
  readonly clock: RelayClock
  /** Takes an envelope once. */
  readonly take: ReplayWindow['take']
  /** The relay has just said its time. */
  measured(offsetMs: Millis): void
  /** Watches this machine's clock; `ask` is called when the relay's time should be measured again. */
  watch(ask: (why: 'doubt' | 'drift') => void): () => void
  /** Keeps what was taken for the next start; the last thing that is done with it. */
  keep(): Promise<void>
}

export async function openRelayTime(init: RelayTimeInit): Promise<RelayTime> {
  const { platform, leads } = init
  const clock = createRelayClock(platform.clock)
  const kept = await takeKept(platform.store)
  const memory = createReplayMemory(platform.clock.now(), kept)
  /** The memory's start is in the relay's time: kept from there, or measured since. */
  let isRelayTime = leads || kept !== undefined
  let isMeasured = leads
  return {
    clock,
    take: (claim) => memory.take(claim),
    measured: (offsetMs) => {
      const movedMs = clock.moveTo(offsetMs)
      if (isMeasured || !isRelayTime) memory.moved(movedMs)
      isMeasured = true
      isRelayTime = true
    },
    watch: (ask) => {
      const doubt = () => {
        init.logger.log('info', 'the clock of this machine was set, or it was asleep')
        ask('doubt')
      }
      return watchClock({
        clock: platform.clock,
        timers: init.timers,
        setBack: (byMs) => {
          // The relay's time is this machine's, and went back with it; or it went on as it was.
          if (leads) memory.moved(-byMs)
          else clock.machineSet(-byMs)
          doubt()
        },
        // Sleep looks the same, and after it the offset holds: only the relay can tell.
        ranAhead: doubt,
        remeasure: () => ask('drift'),
      })
    },
    keep: async () => {
      if (isRelayTime) await memory.keep(platform.store)
    },
  }
}
