/**
 * Performs the effects of a core: writes that wait share one synced transaction, timers, messages.
 *
 * @module
 */
import type { Clock, ConsensusDatabase, KeyDeletion, StoreOperation, Timers } from '@folkmoot/base'
import type { ConsensusNetwork } from '@folkmoot/consensus'
import type { RaftCore } from '../core/core.ts'
import type { RaftEffect, RaftInput, RaftOwnEffect } from '../core/effects.ts'

export type Unstamped<Input> = Input extends { readonly at: number } ? Omit<Input, 'at'> : never

export interface DriverInit {
  readonly core: RaftCore
  readonly database: ConsensusDatabase
  readonly network: ConsensusNetwork
  readonly clock: Clock
  readonly timers: Timers
  own(effect: RaftOwnEffect): void
  failed(cause: unknown): void
}

export interface Driver {
  input(input: Unstamped<RaftInput>): void
  /** Nothing more is written, sent or timed; resolves when the write under way has ended. */
  stop(): Promise<void>
}

export function createDriver(init: DriverInit): Driver {
  const { core, database, network, clock, timers } = init
  const running = new Map<string, () => void>()
  const inbox: Unstamped<RaftInput>[] = []
  let operations: (StoreOperation | KeyDeletion)[] = []
  let waiting: RaftEffect[] = []
  let writing: Promise<void> | undefined
  let stepping = false
  let stopped = false
  /** The core's time: goes on with the clock, and with timers where the clock was set back. */
  let now = 0

  function input(given: Unstamped<RaftInput>): void {
    inbox.push(given)
    if (stepping) return
    stepping = true
    // An effect that answers at once must not interrupt the effects before it.
    for (let next = inbox.shift(); next && !stopped; next = inbox.shift()) {
      now = Math.max(now, clock.now())
      perform(core.step({ ...next, at: now } as RaftInput))
    }
    stepping = false
  }

  function perform(effects: readonly RaftEffect[]): void {
    for (const effect of effects) {
      if (stopped) return
      switch (effect.type) {
        case 'persist':
          operations.push(...effect.operations)
          if (writing === undefined && operations.length === 0) {
            perform(effect.then)
          } else {
            waiting.push(...effect.then)
            writing ??= write()
          }
          break
        case 'send':
          for (const to of effect.to) network.send(to, effect.message)
          break
        case 'setTimer':
          setTimer(effect.timer, effect.at)
          break
        case 'clearTimer':
          running.get(effect.timer)?.()
          running.delete(effect.timer)
          break
        case 'stored':
          input(effect)
          break
        case 'sign':
        case 'verify':
          break
        default:
          init.own(effect)
      }
    }
  }

  async function write(): Promise<void> {
    while (!stopped && (operations.length > 0 || waiting.length > 0)) {
      const [batch, then] = [operations, waiting]
      operations = []
      waiting = []
      try {
        if (batch.length > 0) await database.write(batch)
      } catch (cause) {
        init.failed(cause)
        return
      }
      perform(then)
    }
    writing = undefined
  }

  function setTimer(timer: string, at: number): void {
    running.get(timer)?.()
    const fire = () => {
      now = Math.max(now, at)
      input({ type: 'timer', timer })
    }
    running.set(timer, timers.after(Math.max(0, at - now), fire))
  }

  return {
    input: (given) => {
      if (!stopped) input(given)
    },
    async stop() {
      stopped = true
      for (const cancel of running.values()) cancel()
      running.clear()
      await writing
    },
  }
}
