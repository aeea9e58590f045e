/**
 * Performs a core's effects on a real machine, the same in Node and in a tab: everything it touches
 * is given to it. What concerns executing and the log goes to the engine.
 *
 * @module
 */
import type {
  Clock,
  ConsensusDatabase,
  KeyDeletion,
  Millis,
  StoreOperation,
  Timers,
} from '@folkmoot/base'
import type { ConsensusNetwork } from '@folkmoot/consensus'
import type { Checker } from '@folkmoot/identity'
import type { Core } from '../core/core.ts'
import type { BftEffect, Effect, Input } from '../core/effects.ts'
import type { VoteSigner } from './vote-signer.ts'

export interface DriverInit {
  readonly core: Core
  readonly checker: Checker
  readonly signer: VoteSigner
  readonly database: ConsensusDatabase
  readonly network: ConsensusNetwork
  readonly clock: Clock
  readonly timers: Timers
  /** Performs what only the engine can. */
  readonly perform: (effect: BftEffect) => void
  /** The disk or a key failed: nothing more may be sent. */
  readonly failed: (cause: unknown) => void
}

export type Unstamped<Each> = Each extends { readonly at: Millis } ? Omit<Each, 'at'> : Each

export interface Driver {
  input(input: Unstamped<Input>): void
  close(): void
}

interface Write {
  readonly operations: readonly (StoreOperation | KeyDeletion)[]
  readonly after: readonly Effect[]
}

export function createDriver(init: DriverInit): Driver {
  const { core, checker, signer, database, network, clock, timers } = init
  const running = new Map<string, () => void>()
  const inbox: Unstamped<Input>[] = []
  let writes: Write[] = []
  let isWriting = false
  let isStepping = false
  let isClosed = false
  let now = 0

  function input(given: Unstamped<Input>): void {
    inbox.push(given)
    if (isStepping) return
    isStepping = true
    try {
      for (let next = inbox.shift(); next && !isClosed; next = inbox.shift()) {
        now = Math.max(now, clock.now())
        for (const effect of core.step({ ...next, at: now } as Input)) perform(effect)
      }
    } catch (cause) {
      init.failed(cause)
    }
    isStepping = false
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'persist':
        writes.push({ operations: effect.operations, after: effect.then })
        if (!isWriting) void write()
        break
      case 'send':
        for (const peer of effect.to) network.send(peer, effect.message)
        break
      case 'publish':
        network.publish(effect.message)
        break
      case 'setTimer': {
        const { timer, at } = effect
        running.get(timer)?.()
        const fire = () => {
          running.delete(timer)
          now = Math.max(now, at)
          input({ type: 'timer', timer })
        }
        running.set(timer, timers.after(Math.max(0, at - now), fire))
        break
      }
      case 'clearTimer':
        running.get(effect.timer)?.()
        running.delete(effect.timer)
        break
      case 'sign':
        signer.sign(effect).then((signature) => {
          input({ type: 'signed', token: effect.token, signature })
        }, init.failed)
        break
      case 'verify':
        // Each on its own, all at once: batch verification accepts what single checks refuse.
        Promise.all(
          effect.items.map((i) => checker.verify(i.purpose, i.signer, i.signature, i.bytes)),
        ).then((ok) => input({ type: 'verified', token: effect.token, ok }), init.failed)
        break
      case 'note':
        input({ type: 'noted', token: effect.token })
        break
      default:
        init.perform(effect)
    }
  }

  /** Whatever waits while a write is under way shares the next one. */
  async function write(): Promise<void> {
    isWriting = true
    try {
      while (writes.length > 0 && !isClosed) {
        const batch = writes
        writes = []
        await database.write(batch.flatMap(({ operations }) => operations))
        for (const effect of batch.flatMap(({ after }) => after)) if (!isClosed) perform(effect)
      }
    } catch (cause) {
      init.failed(cause)
    }
    isWriting = false
  }

  return {
    input,
    close: () => {
      isClosed = true
      for (const cancel of running.values()) cancel()
      running.clear()
    },
  }
}
