/**
 * Drives the pure call machines of `calls`: performs their effects and feeds them what happens.
 *
 * @module
 */
import type { Clock, Fault, Millis, Step, Timers } from '@folkmoot/base'
import {
  type Callee,
  type CalleeInput,
  type Caller,
  type CallerInput,
  type CallOutcome,
  DEFAULT_WINDOW_BYTES,
  itemCost,
  newCallee,
  newCaller,
  stepCallee,
  stepCaller,
} from '@folkmoot/calls'
import { encode } from '@folkmoot/codec'

const config = { windowBytes: DEFAULT_WINDOW_BYTES }

export type SentKind = 'call' | 'result' | 'item' | 'end' | 'error' | 'credit' | 'cancel'

export interface DriverInit {
  readonly clock: Clock
  readonly timers: Timers
  readonly deadline: Millis
  readonly send: (kind: SentKind, body: Uint8Array) => void
}

type AnyEffect =
  | ReturnType<typeof stepCaller>['effects'][number]
  | ReturnType<typeof stepCallee>['effects'][number]

/** Feeds one machine; `perform` handles what is particular to a side. */
function machine<State, Input, Effect extends AnyEffect>(
  init: DriverInit,
  first: State,
  step: (state: State, input: Input) => Step<State, Effect>,
  onTimer: (at: Millis) => Input,
  perform: (effect: Effect) => void,
): { put(input: Input): void; stop(): void } {
  let state = first
  let cancelTimer: (() => void) | null = null
  const put = (input: Input) => {
    const next = step(state, input)
    state = next.state
    for (const effect of next.effects) {
      if (effect.type === 'send') init.send(effect.kind, effect.body)
      else if (effect.type === 'set-timer') {
        cancelTimer?.()
        cancelTimer = init.timers.after(Math.max(0, effect.at - init.clock.now()), () =>
          put(onTimer(Math.max(effect.at, init.clock.now()))),
        )
      } else {
        if (effect.type === 'finish') cancelTimer?.()
        perform(effect)
      }
    }
  }
  return { put, stop: () => cancelTimer?.() }
}

export interface CallerDriver {
  put(input: CallerInput): void
  /** What is on the way may never arrive. */
  lost(): void
  readonly outcome: Promise<CallOutcome>
  /** Items in order; each counts as handled, and is credited, when the next is asked for. */
  items(): AsyncIterable<Uint8Array>
}

/** Starts a call at once. */
export function driveCaller(init: DriverInit & { readonly request: Uint8Array }): CallerDriver {
  const outcome = Promise.withResolvers<CallOutcome>()
  const waiting: Uint8Array[] = []
  let over = false
  let wake: (() => void) | null = null
  const { put } = machine<Caller, CallerInput, ReturnType<typeof stepCaller>['effects'][number]>(
    init,
    newCaller({ request: init.request, deadline: init.deadline }),
    (state, input) => stepCaller(config, state, input),
    (at) => ({ type: 'timer', at }),
    (effect) => {
      if (effect.type === 'deliver') waiting.push(effect.data)
      if (effect.type === 'finish') {
        over = true
        outcome.resolve(effect.outcome)
      }
      wake?.()
    },
  )
  put({ type: 'start', at: init.clock.now() })
  return {
    put,
    lost: () => put({ type: 'link-lost' }),
    outcome: outcome.promise,
    async *items() {
      for (;;) {
        const item = waiting.shift()
        if (item !== undefined) {
          yield item
          put({ type: 'handled', cost: itemCost(item) })
        } else if (over) return
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    },
  }
}

export interface CalleeDriver {
  put(input: CalleeInput): void
  /** What is on the way may never arrive. */
  lost(): void
  /** Aborts with the caller's cancel, the deadline, or the lost link. */
  readonly signal: AbortSignal
  /** Writes one item and waits until the caller's credits allow more. */
  write(item: Uint8Array): Promise<void>
  /** Resolves when nothing more will be sent. */
  readonly done: Promise<void>
}

/** Takes a call that was admitted. */
export function driveCallee(init: DriverInit & { readonly request: Uint8Array }): CalleeDriver {
  const controller = new AbortController()
  const done = Promise.withResolvers<void>()
  let writable = true
  let wake: (() => void) | null = null
  const { put } = machine<Callee, CalleeInput, ReturnType<typeof stepCallee>['effects'][number]>(
    init,
    newCallee(init.deadline),
    (state, input) => stepCallee(config, state, input),
    (at) => ({ type: 'timer', at }),
    (effect) => {
      if (effect.type === 'abort') controller.abort(aborted(effect.fault))
      if (effect.type === 'writable') writable = effect.writable
      if (effect.type === 'finish') done.resolve()
      wake?.()
    },
  )
  put({ type: 'call', request: init.request, at: init.clock.now() })
  return {
    put,
    lost: () => {
      put({ type: 'link-lost' })
      // Nobody can ask for the answer again without an idempotency key: the work is for nothing.
      put({ type: 'received', kind: 'cancel', body: encode(linkLost), at: init.clock.now() })
    },
    signal: controller.signal,
    done: done.promise,
    write: async (item) => {
      put({ type: 'write', data: item })
      while (!writable && !controller.signal.aborted) {
        // Every effect wakes, an abort too. A listener for each wait would pile up on the signal.
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      controller.signal.throwIfAborted()
    },
  }
}

const linkLost: Fault = { code: 'calls/lost', message: 'the link was lost during the call' }

function aborted(fault: Fault): Error {
  return new Error(fault.message, { cause: fault })
}
