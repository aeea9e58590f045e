/**
 * Waiting for what something in the engine makes true, and asking for reads until one is answered.
 *
 * @module
 */
import type { Clock, Timers } from '@folkmoot/base'
import type { RaftConfig } from '../config.ts'
import { noLeader } from './submissions.ts'

/** How many election time-outs a reader waits for a leader, and whoever submitted something. */
export const PATIENCE = 10
/**
 * The same for whoever submitted something at a leader that lost its majority: time for the same
 * members to elect again after a short break, and less than those wait who ask from elsewhere.
 */
export const DEPOSED_PATIENCE = 4

export interface WaitsInit {
  readonly clock: Clock
  readonly timers: Timers
  readonly config: RaftConfig
  isOver(): boolean
  /** Asks the core for a read, which `readable` answers by the same token. */
  read(token: number): void
  /** @throws FederationError where the engine is closed or has stopped */
  assertOpen(): void
}

export interface Waits {
  /** Something may have become true. */
  tell(): void
  /** @throws FederationError `consensus-raft/no-leader` */
  until(condition: () => boolean): Promise<void>
  /** An index that covers everything acknowledged before. @throws FederationError `consensus-raft/no-leader` */
  readIndex(): Promise<number>
  /** The core's answer; undefined where nobody could say. */
  readable(token: number, index: number | undefined): void
}

export function createWaits(init: WaitsInit): Waits {
  const { clock, timers, config } = init
  const patienceMs = PATIENCE * config.electionMs
  const waiters = new Set<() => void>()
  const reads = new Map<number, (index: number | undefined) => void>()
  let tokens = 0

  const pause = (ms: number) => new Promise<void>((resolve) => timers.after(ms, resolve))

  return {
    tell: () => {
      for (const waiter of [...waiters]) waiter()
    },
    async until(condition) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const look = () => {
        if (condition()) resolve()
        else if (init.isOver()) reject(noLeader('the engine stopped while waiting'))
      }
      const cancel = timers.after(patienceMs, () =>
        reject(noLeader('a majority could not be asked in time')),
      )
      waiters.add(look)
      look()
      try {
        await promise
      } finally {
        waiters.delete(look)
        cancel()
      }
    },
    async readIndex() {
      const end = clock.now() + patienceMs
      while (clock.now() < end) {
        init.assertOpen()
        const token = ++tokens
        const { promise, resolve } = Promise.withResolvers<number | undefined>()
        reads.set(token, resolve)
        const cancel = timers.after(config.electionMs, () => resolve(undefined))
        init.read(token)
        const index = await promise
        cancel()
        reads.delete(token)
        if (index !== undefined) return index
        await pause(config.heartbeatMs)
      }
      throw noLeader('no leader answered')
    },
    readable: (token, index) => reads.get(token)?.(index),
  }
}
