/**
 * Drives one study's dispatcher: every peer can lease, and one does at a time because workers ask
 * the relay while it is heard, and then whoever `currentDispatcher` names.
 *
 * @module
 */
import { type Clock, type Millis, refuse, type Timers, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import {
  createDispatcher,
  type DispatcherConfig,
  type DispatcherInput,
  defaultDispatch,
  stepDispatcher,
} from '@folkmoot/studies'
import type { StudyRoom } from './study-room.ts'

export interface Dispatch {
  /** Units for this peer; without any, asking again before `retryAt` is of no use unless a result comes. */
  request(
    peer: PeerId,
    want: number,
    holding: readonly number[],
  ): Verdict<{ units: readonly number[]; expires: Millis; retryAt: Millis }>
  resultSeen(peer: PeerId, unit: number): void
  /** The peer is gone: what it held comes back at once. */
  returned(peer: PeerId): void
  /** Units that somebody holds a lease on, as far as this dispatcher knows. */
  leased(): ReadonlySet<number>
  stop(): void
}

export interface DispatchInit {
  readonly room: StudyRoom
  readonly rootOf: (peer: PeerId) => string | undefined
  /** At least 16 bytes that no worker knows. */
  readonly secret: Uint8Array
  readonly clock: Clock
  readonly timers: Timers
}

export function startDispatch(init: DispatchInit): Dispatch {
  const { room, clock } = init
  const config: DispatcherConfig = {
    ...defaultDispatch,
    rule: room.manifest.validation,
    unitCount: room.manifest.units,
    rootOf: init.rootOf,
    secret: init.secret,
    // Room for the worst honest unit, or the default where units are short.
    leaseMs: Math.max(defaultDispatch.leaseMs, 2 * room.manifest.limits.unitMs),
  }
  let state = createDispatcher(config, room.acceptance())
  let cancelTimer: (() => void) | null = null

  const put = (input: DispatcherInput) => {
    const step = stepDispatcher(config, state, input)
    state = step.state
    for (const effect of step.effects) {
      if (effect.type !== 'setTimer') continue
      cancelTimer?.()
      cancelTimer = init.timers.after(Math.max(10, effect.at - clock.now()), () =>
        put({ type: 'tick', at: clock.now() }),
      )
    }
    return step.effects
  }
  const unsubscribe = room.onChange(() =>
    put({ type: 'progress', acceptance: room.acceptance(), at: clock.now() }),
  )

  return {
    request: (peer, want, holding) => {
      const now = clock.now()
      // A worker that was killed has forgotten what it held; its leases must not outlive it.
      const forgotten = [...state.leases]
        .filter(([unit, leases]) => !holding.includes(unit) && leases.some((l) => l.peer === peer))
        .map(([unit]) => unit)
      if (forgotten.length > 0) put({ type: 'returned', peer, units: forgotten, at: now })
      for (const effect of put({ type: 'request', peer, want, at: now })) {
        if (effect.type === 'lease') {
          return { ok: true, units: effect.units, expires: effect.expires, retryAt: now }
        }
        if (effect.type !== 'idle') continue
        return effect.reason === 'not-admitted'
          ? refuse('federation/unknown-member', 'leases are for admitted members')
          : { ok: true, units: [], expires: now, retryAt: effect.retryAt }
      }
      return { ok: true, units: [], expires: now, retryAt: now }
    },
    resultSeen: (peer, unit) => void put({ type: 'resultSeen', peer, unit, at: clock.now() }),
    returned: (peer) => void put({ type: 'returned', peer, at: clock.now() }),
    leased: () => new Set(state.leases.keys()),
    stop: () => {
      unsubscribe()
      cancelTimer?.()
    },
  }
}
