/**
 * The caller's side: opens a call, sends what its machine says, and waits for how it ends.
 *
 * @module
 */
import {
  type Clock,
  errorCode,
  errorMessage,
  type Millis,
  type Randomness,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import type { CallOutcome } from '@folkmoot/calls'
import { encode } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { CallSession, Sessions } from '@folkmoot/transport'
import type { AnyCapability } from '../capability.ts'
import type { Pipeline } from '../pipeline.ts'
import { maxCallMs } from '../stages.ts'
import { contentValue } from './content.ts'
import { type CallerDriver, driveCaller } from './drive-call.ts'
import { outboundAction } from './make-action.ts'
import type { Asked, OpenCalls } from './open-calls.ts'
import { sendWithin, transmitOn } from './send-within.ts'

export interface CallOptions {
  /** Time until the answer must be complete, in ms; default 10 s, at most 10 min. */
  readonly deadlineMs?: Millis
  readonly signal?: AbortSignal
}

const defaultDeadlineMs = 10_000
/** Open calls of this peer; more are refused before anything leaves. */
const maxPending = 4_096

export interface AskCallsInit {
  readonly clock: Clock
  readonly timers: Timers
  readonly randomness: Randomness
  readonly open: OpenCalls
  readonly pipeline: Pick<Pipeline, 'send'>
  readonly sessions: () => Sessions
}

/** A call that is on its way; null with a verdict where it cannot even be sent. */
export type Opened = Verdict<{
  driver: CallerDriver
  outcome: Promise<Verdict<{ body: Uint8Array | null }>>
}>

export type Ask = (
  to: PeerId,
  capability: AnyCapability,
  input: unknown,
  options: CallOptions,
) => Promise<Opened>

export function createAsking(init: AskCallsInit): Ask {
  const { clock, timers, open, pipeline } = init
  return async (to, capability, input, options) => {
    if (open.asked.size >= maxPending) return refuse('federation/busy', 'too many calls are open')
    const isCancelled = () => options.signal?.aborted === true
    if (isCancelled()) return refuse('calls/cancelled', 'the caller cancelled')
    const deadlineMs = Math.min(options.deadlineMs ?? defaultDeadlineMs, maxCallMs)
    const deadline = clock.now() + deadlineMs
    let session: CallSession
    try {
      session = await init.sessions().to(to, AbortSignal.timeout(deadlineMs))
    } catch (error) {
      return refuse(errorCode(error, 'transport/unreachable'), errorMessage(error))
    }
    const id = init.randomness.bytes(16)
    const failed = Promise.withResolvers<Verdict<never>>()
    const driver = driveCaller({
      ...init,
      deadline,
      request: encode(input),
      send: (kind, body) => {
        // The callee knows the deadline too: a cancel that comes of it would only arrive too late.
        if (kind === 'cancel' && clock.now() >= deadline) return
        const opens = kind === 'call'
        const action = outboundAction(init.randomness, {
          kind,
          to: { peer: to, link: session.link },
          capability,
          body,
          deadline,
          ...(opens ? { value: input, id } : { reply: id }),
        })
        const hand = async (frame: Uint8Array) => {
          if (!opens) return transmitOn(timers, place.session, frame)
          const sending = init.sessions().send(to, frame)
          place.session = await sendWithin(timers, sending, () => place.session)
        }
        void pipeline.send(action, hand).then((sent) => {
          if (!sent.ok && opens) failed.resolve(sent as Verdict<never>)
        })
      },
    })
    const blocked = (why: Verdict<never>) => {
      failed.resolve(why)
      driver.put({ type: 'cancel', reason: 'the answer was blocked' })
    }
    const place: Asked = { peer: to, session, capability, driver, blocked }
    open.asked.set(place, id)
    const cancel = () => driver.put({ type: 'cancel', reason: 'the caller cancelled' })
    options.signal?.addEventListener('abort', cancel, { once: true })
    if (isCancelled()) cancel()
    const outcome = Promise.race([driver.outcome.then(asVerdict), failed.promise]).finally(() => {
      open.asked.delete(id)
      options.signal?.removeEventListener('abort', cancel)
    })
    void failed.promise.then(() => driver.lost())
    return { ok: true, driver, outcome }
  }
}

/** The items of a call, one by one; whoever stops reading cancels it. */
export async function* itemsOf(driver: CallerDriver): AsyncGenerator<unknown> {
  try {
    for await (const item of driver.items()) yield contentValue(item)
  } finally {
    driver.put({ type: 'cancel', reason: 'the caller stopped reading' })
  }
}

function asVerdict(outcome: CallOutcome): Verdict<{ body: Uint8Array | null }> {
  return outcome.ok
    ? { ok: true, body: outcome.result ?? null }
    : { ok: false, fault: outcome.fault }
}
