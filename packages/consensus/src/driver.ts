/**
 * Performs a core's effects on a real machine, the same for every engine, in Node and in a tab:
 * everything it touches is given to it. What only one engine can do goes to that engine.
 *
 * @module
 */
import type { Clock, ConsensusDatabase, KeyDeletion, StoreOperation, Timers } from '@folkmoot/base'
import type { CoreEffect, CoreInput, Unstamped } from './core.ts'
import type { ConsensusNetwork } from './network.ts'

/** What the driver does not perform itself: what needs keys, and what is one engine's own. */
export type EngineEffect<Own> =
  | Extract<CoreEffect<never>, { readonly type: 'sign' | 'verify' }>
  | Own

type Changes = readonly (StoreOperation | KeyDeletion)[]

export interface DriverInit<OwnInput, OwnEffect> {
  readonly core: { step(input: CoreInput<OwnInput>): readonly CoreEffect<OwnEffect>[] }
  readonly database: Pick<ConsensusDatabase, 'write'>
  readonly network: Pick<ConsensusNetwork, 'send'>
  readonly clock: Clock
  readonly timers: Timers
  perform(effect: EngineEffect<OwnEffect>): void
  /** The disk failed, or the core threw. The driver has stopped. */
  failed(cause: unknown): void
}

export interface Driver<OwnInput> {
  /** Never interrupts a step: what comes meanwhile waits for its end. */
  input(input: Unstamped<CoreInput<OwnInput>>): void
  /** Nothing more is written, sent or timed; resolves when the write under way has ended. */
  stop(): Promise<void>
}

export function createDriver<OwnInput, OwnEffect>(
  init: DriverInit<OwnInput, OwnEffect>,
): Driver<OwnInput> {
  const { core, database, network, clock, timers } = init
  const running = new Map<string, () => void>()
  const inbox: Unstamped<CoreInput<OwnInput>>[] = []
  let operations: Changes[number][] = []
  let waiting: CoreEffect<OwnEffect>[] = []
  let writing: Promise<void> | undefined
  let isStepping = false
  let isStopped = false
  let hasFailed = false
  /** The core's time: goes on with the clock, and with timers where the clock was set back. */
  let now = 0

  function input(given: Unstamped<CoreInput<OwnInput>>): void {
    if (isStopped) return
    inbox.push(given)
    if (isStepping) return
    isStepping = true
    try {
      for (let next = inbox.shift(); next && !isStopped; next = inbox.shift()) {
        now = Math.max(now, clock.now())
        perform(core.step({ ...next, at: now } as CoreInput<OwnInput>))
      }
    } catch (cause) {
      fail(cause)
    }
    isStepping = false
  }

  function perform(effects: readonly CoreEffect<OwnEffect>[]): void {
    for (const effect of effects) {
      if (isStopped) return
      const known = effect as CoreEffect<never>
      switch (known.type) {
        case 'persist':
          persist(known.operations, known.then as readonly CoreEffect<OwnEffect>[])
          break
        case 'send':
          for (const peer of known.to) network.send(peer, known.message)
          break
        case 'setTimer':
          setTimer(known.timer, known.at)
          break
        case 'clearTimer':
          clearTimer(known.timer)
          break
        default:
          init.perform(effect as EngineEffect<OwnEffect>)
      }
    }
  }

  function persist(added: Changes, then: readonly CoreEffect<OwnEffect>[]): void {
    if (added.length > 0 || writing !== undefined) {
      operations.push(...added)
      waiting.push(...then)
      writing ??= write()
    } else perform(then)
  }

  /** Whatever waits while a write is under way shares the next one. */
  async function write(): Promise<void> {
    try {
      while (!isStopped && (operations.length > 0 || waiting.length > 0)) {
        const [batch, then] = [operations, waiting]
        operations = []
        waiting = []
        if (batch.length > 0) await database.write(batch)
        perform(then)
      }
    } catch (cause) {
      fail(cause)
    } finally {
      writing = undefined
    }
  }

  function setTimer(timer: string, at: number): void {
    clearTimer(timer)
    const fire = () => {
      running.delete(timer)
      now = Math.max(now, at)
      input({ type: 'timer', timer } as Unstamped<CoreInput<OwnInput>>)
    }
    running.set(timer, timers.after(Math.max(0, at - now), fire))
  }

  function clearTimer(timer: string): void {
    running.get(timer)?.()
    running.delete(timer)
  }

  function stop(): Promise<void> {
    isStopped = true
    for (const cancel of running.values()) cancel()
    running.clear()
    inbox.length = 0
    return writing ?? Promise.resolve()
  }

  /** After a stop too: whoever waits for the end of a write must not think that it is on disk. */
  function fail(cause: unknown): void {
    void stop()
    if (hasFailed) return
    hasFailed = true
    init.failed(cause)
  }

  return { input, stop }
}
