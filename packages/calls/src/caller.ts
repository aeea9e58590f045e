/**
 * One call as its caller sees it. Items may flow both ways, each way under its own window.
 *
 * Pure: messages to send, results and timers leave as effects; the holder seals and sends them as
 * envelopes whose `reply` is the id of the call.
 *
 * @module
 */
import { type Fault, type Millis, refuse, type Step } from '@folkmoot/base'
import {
  encodeCredit,
  encodeEnd,
  encodeFault,
  encodeItem,
  parseCredit,
  parseEnd,
  parseFault,
  parseItem,
} from './bodies.ts'
import { emptyInflow, handled, type Inflow, type InflowStep, takeEnd, takeItem } from './inflow.ts'
import {
  emptyOutflow,
  endWriting,
  isWritable,
  type Outflow,
  type OutflowStep,
  takeCredit,
  write,
} from './outflow.ts'

export interface CallConfig {
  /** Bytes that may be on the way unhandled, each way. */
  readonly windowBytes: number
}

export interface Caller {
  readonly phase: 'new' | 'open' | 'done'
  readonly request: Uint8Array
  readonly deadline: Millis
  /** Whether the request may be sent again after a lost link: it carries an idempotency key. */
  readonly repeatable: boolean
  readonly inflow: Inflow
  readonly outflow: Outflow
}

/** How a call ended; `result` is absent where the answer was a stream. */
export type CallOutcome =
  | { readonly ok: true; readonly result?: Uint8Array }
  | { readonly ok: false; readonly fault: Fault }

export type CallerInput =
  | { readonly type: 'start'; readonly at: Millis }
  | {
      readonly type: 'received'
      readonly kind: 'result' | 'item' | 'end' | 'error' | 'credit'
      readonly body: Uint8Array
      readonly at: Millis
    }
  /** Our consumer is done with an item of this cost, see `itemCost`. */
  | { readonly type: 'handled'; readonly cost: number }
  | { readonly type: 'write'; readonly data: Uint8Array }
  | { readonly type: 'end-writing' }
  | { readonly type: 'cancel'; readonly reason: string }
  | { readonly type: 'timer'; readonly at: Millis }
  | { readonly type: 'link-lost' }

export type CallerEffect =
  | {
      readonly type: 'send'
      readonly kind: 'call' | 'item' | 'end' | 'cancel' | 'credit'
      readonly body: Uint8Array
    }
  | { readonly type: 'deliver'; readonly data: Uint8Array }
  /** The producer may write again, or should wait. */
  | { readonly type: 'writable'; readonly writable: boolean }
  | { readonly type: 'set-timer'; readonly at: Millis }
  | { readonly type: 'finish'; readonly outcome: CallOutcome }

export function newCaller(init: {
  readonly request: Uint8Array
  readonly deadline: Millis
  readonly repeatable?: boolean
}): Caller {
  return {
    phase: 'new',
    request: init.request,
    deadline: init.deadline,
    repeatable: init.repeatable ?? false,
    inflow: emptyInflow,
    outflow: emptyOutflow,
  }
}

type CallerStep = Step<Caller, CallerEffect>

/**
 * Applies one input. After `finish` every input leaves the state as it is.
 *
 * @throws FederationError `calls/item-too-large`, `calls/unexpected` for our own producer's mistakes
 */
export function stepCaller(config: CallConfig, state: Caller, input: CallerInput): CallerStep {
  if (state.phase === 'done') return { state, effects: [] }
  if (state.phase === 'new') {
    if (input.type === 'cancel') return finish(state, fault('calls/cancelled', input.reason))
    if (input.type !== 'start') return { state, effects: [] }
    if (input.at >= state.deadline) return finish(state, late)
    return {
      state: { ...state, phase: 'open' },
      effects: [
        { type: 'send', kind: 'call', body: state.request },
        { type: 'set-timer', at: state.deadline },
      ],
    }
  }
  switch (input.type) {
    case 'start':
      return { state, effects: [] }
    case 'received':
      return input.at >= state.deadline ? cancel(state, late) : received(config, state, input)
    case 'handled':
      return afterInflow(state, handled(config.windowBytes, state.inflow, input.cost))
    case 'write':
      return afterOutflow(state, write(config.windowBytes, state.outflow, input.data))
    case 'end-writing':
      return afterOutflow(state, endWriting(config.windowBytes, state.outflow))
    case 'cancel':
      return cancel(state, fault('calls/cancelled', input.reason))
    case 'timer':
      return input.at >= state.deadline ? cancel(state, late) : { state, effects: [] }
    case 'link-lost':
      return linkLost(state)
  }
}

function received(
  config: CallConfig,
  state: Caller,
  input: Extract<CallerInput, { type: 'received' }>,
): CallerStep {
  const { kind, body } = input
  switch (kind) {
    case 'result': {
      // An answer is one or the other: a result after items would make the items' fate unclear.
      if (state.inflow.receivedBytes > 0) {
        return cancel(state, fault('calls/unexpected', 'a result after items'))
      }
      return {
        state: { ...state, phase: 'done' },
        effects: [{ type: 'finish', outcome: { ok: true, result: body } }],
      }
    }
    case 'item': {
      const parsed = parseItem(body, config.windowBytes)
      if (!parsed.ok) return cancel(state, parsed.fault)
      return afterInflow(state, takeItem(config.windowBytes, state.inflow, parsed.item))
    }
    case 'end': {
      const parsed = parseEnd(body)
      if (!parsed.ok) return cancel(state, parsed.fault)
      return afterInflow(state, takeEnd(state.inflow, parsed.count))
    }
    case 'credit': {
      const parsed = parseCredit(body)
      if (!parsed.ok) return cancel(state, parsed.fault)
      return afterOutflow(state, takeCredit(config.windowBytes, state.outflow, parsed.upTo))
    }
    case 'error': {
      const parsed = parseFault(body)
      return finish(state, parsed.ok ? parsed.reported : parsed.fault)
    }
  }
}

function afterInflow(state: Caller, step: InflowStep): CallerStep {
  if (step.fault !== undefined) return cancel(state, step.fault)
  const effects: CallerEffect[] = step.deliver.map((data) => ({ type: 'deliver', data }))
  if (step.credit !== undefined) {
    effects.push({ type: 'send', kind: 'credit', body: encodeCredit(step.credit) })
  }
  if (!step.ended) return { state: { ...state, inflow: step.flow }, effects }
  effects.push({ type: 'finish', outcome: { ok: true } })
  return { state: { ...state, inflow: step.flow, phase: 'done' }, effects }
}

function afterOutflow(state: Caller, step: OutflowStep): CallerStep {
  if (step.fault !== undefined) return cancel(state, step.fault)
  const effects: CallerEffect[] = step.send.map((item) => ({
    type: 'send',
    kind: 'item',
    body: encodeItem(item),
  }))
  if (step.end !== undefined) effects.push({ type: 'send', kind: 'end', body: encodeEnd(step.end) })
  const writable = isWritable(step.flow)
  if (writable !== isWritable(state.outflow)) effects.push({ type: 'writable', writable })
  return { state: { ...state, outflow: step.flow }, effects }
}

/** A call that was only asked may be asked again; one with items on the way may not. */
function linkLost(state: Caller): CallerStep {
  const untouched = state.inflow.receivedBytes === 0 && state.outflow.nextN === 0
  if (state.repeatable && untouched && !state.outflow.ending) {
    return { state, effects: [{ type: 'send', kind: 'call', body: state.request }] }
  }
  return finish(state, fault('calls/lost', 'the link was lost during the call'))
}

function cancel(state: Caller, reason: Fault): CallerStep {
  const step = finish(state, reason)
  return {
    state: step.state,
    effects: [{ type: 'send', kind: 'cancel', body: encodeFault(reason) }, ...step.effects],
  }
}

function finish(state: Caller, reason: Fault): CallerStep {
  return {
    state: { ...state, phase: 'done' },
    effects: [{ type: 'finish', outcome: { ok: false, fault: reason } }],
  }
}

const late: Fault = { code: 'calls/deadline', message: 'the deadline passed' }

function fault(code: string, message: string): Fault {
  return refuse(code, message).fault
}
