/**
 * The callee's side: runs the handler of each admitted call and sends its answer, in order.
 *
 * @module
 */
import {
  type Clock,
  errorCode,
  errorMessage,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import type { Envelope } from '@folkmoot/identity'
import type { CallSession } from '@folkmoot/transport'
import type { AnyCapability, CallContext, Exposed } from '../capability.ts'
import type { Action } from '../pipeline.ts'
import { contentValue, itemValue } from './content.ts'
import { type CalleeDriver, driveCallee, type SentKind } from './drive-call.ts'
import type { Outgoing } from './make-action.ts'
import type { OpenCalls, Served } from './open-calls.ts'

/** Calls that this peer serves at once, for everyone together. */
const maxServing = 1_024

export interface ServeCallsInit {
  readonly clock: Clock
  readonly timers: Timers
  readonly open: OpenCalls
  readonly exposed: (name: string) => Exposed | undefined
  /** Passes the pipeline outward and hands the frame to the session that `on` names then. */
  readonly post: (
    out: Omit<Outgoing, 'to'>,
    on: () => CallSession,
    taken?: () => void,
  ) => Promise<Verdict>
}

/** Serves one admitted call to its end. */
export type ServeCall = (session: CallSession, action: Action) => Promise<Verdict>

export function createServing(init: ServeCallsInit): ServeCall {
  const { clock, open } = init
  return async (session, action) => {
    const call = action.envelope!
    const entry = init.exposed(call.capability!)!
    const { capability } = entry
    if (open.served.size >= maxServing) return refuse('policy/busy', 'too many calls at once')
    let blocked: Verdict | null = null
    // Sends follow each other: an item must not overtake the one before it, nor the end any item.
    let last: Promise<unknown> = Promise.resolve()
    const send = (kind: SentKind, body: Uint8Array) => {
      const value =
        kind === 'result' ? contentValue(body) : kind === 'item' ? itemValue(body) : undefined
      // Nobody waits for it any more, and its envelope would be dead before it is sealed.
      if (clock.now() >= call.deadline) return
      // Its caller may call again as soon as it has read the answer, so the place is free by then.
      const free = kind === 'item' || kind === 'credit' ? undefined : action.counted
      const answer = { kind, capability, value, body, deadline: call.deadline, reply: call.id }
      last = last
        // Nothing may follow on what is missing.
        .then(() => blocked ?? init.post(answer, () => place.session, free))
        .then((sent) => {
          if (!sent.ok) {
            blocked ??= sent
            driver.put({ type: 'link-lost' })
          }
        })
    }
    const driver = driveCallee({ ...init, deadline: call.deadline, request: call.body, send })
    const place: Served = { peer: call.from, session, capability, driver }
    open.served.set(place, call.from, call.id)
    const context: CallContext = { from: call.from, deadline: call.deadline, signal: driver.signal }
    // Over at its deadline, whatever its handler and its caller still do: the place is for others.
    const cancelRelease = init.timers.after(Math.max(0, call.deadline - clock.now()), () => {
      open.served.delete(call.from, call.id)
      action.counted?.()
    })
    let verdict: Verdict
    try {
      verdict =
        'stream' in entry
          ? await pour(entry.stream(action.value, context), driver)
          : await reply(entry.handler(action.value, context), driver)
    } catch (error) {
      verdict = refuse(errorCode(error, 'federation/handler'), errorMessage(error))
    } finally {
      open.served.delete(call.from, call.id)
    }
    if (!verdict.ok) driver.put({ type: 'fail', fault: verdict.fault })
    await last
    cancelRelease()
    if (blocked !== null) withheld(init, place.session, capability, call, blocked)
    return blocked ?? verdict
  }
}

/** Its caller need not wait for the deadline; why it was blocked may hold what was blocked. */
function withheld(
  { post }: ServeCallsInit,
  on: CallSession,
  capability: AnyCapability,
  call: Envelope,
  why: Verdict,
): void {
  if (why.ok || why.fault.code.startsWith('transport/')) return
  const body = encode({ code: why.fault.code, message: 'the answer was held back' })
  const { deadline, id: reply } = call
  void post({ kind: 'error', capability, body, deadline, reply }, () => on)
}

async function reply(
  answer: Promise<Verdict<{ output: unknown }>>,
  driver: CalleeDriver,
): Promise<Verdict> {
  const verdict = await answer
  if (verdict.ok) driver.put({ type: 'result', body: encode(verdict.output) })
  return verdict
}

async function pour(items: AsyncIterable<unknown>, driver: CalleeDriver): Promise<Verdict> {
  for await (const item of items) await driver.write(encode(item))
  driver.put({ type: 'end-writing' })
  // The end leaves when the last item has its credit, which may be long after the handler is done.
  await driver.done
  return { ok: true }
}
