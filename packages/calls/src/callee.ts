/**
 * One call as its callee sees it: the handler's answer goes out as one result or as items under
 * the caller's window; cancel and deadline stop the handler.
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
import type { CallConfig } from './caller.ts'
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

export interface Callee {
  readonly phase: 'new' | 'running' | 'done'
  readonly deadline: Millis
  readonly inflow: Inflow
  readonly outflow: Outflow
}

export type CalleeInput =
  | { readonly type: 'call'; readonly request: Uint8Array; readonly at: Millis }
  | {
      readonly type: 'received'
      readonly kind: 'item' | 'end' | 'credit' | 'cancel'
      readonly body: Uint8Array
      readonly at: Millis
    }
  /** The handler answered at once. */
  | { readonly type: 'result'; readonly body: Uint8Array }
  /** The handler failed, or policy refused. */
  | { readonly type: 'fail'; readonly fault: Fault }
  | { readonly type: 'write'; readonly data: Uint8Array }
  | { readonly type: 'end-writing' }
  | { readonly type: 'handled'; readonly cost: number }
  | { readonly type: 'timer'; readonly at: Millis }
  | { readonly type: 'link-lost' }

export type CalleeEffect =
  | { readonly type: 'run'; readonly request: Uint8Array }
  /** Tell the handler to stop; nothing it still says is sent. */
  | { readonly type: 'abort'; readonly fault: Fault }
  | {
      readonly type: 'send'
      readonly kind: 'result' | 'item' | 'end' | 'error' | 'credit'
      readonly body: Uint8Array
    }
  | { readonly type: 'deliver'; readonly data: Uint8Array }
  /** The caller has no more items. */
  | { readonly type: 'input-ended' }
  | { readonly type: 'writable'; readonly writable: boolean }
  | { readonly type: 'set-timer'; readonly at: Millis }
  | { readonly type: 'finish'; readonly outcome: 'answered' | 'failed' | 'stopped' }

export function newCallee(deadline: Millis): Callee {
  return { phase: 'new', deadline, inflow: emptyInflow, outflow: emptyOutflow }
}

type CalleeStep = Step<Callee, CalleeEffect>

/**
 * Applies one input. After `finish` every input leaves the state as it is.
 *
 * @throws FederationError `calls/item-too-large`, `calls/unexpected` for our own handler's mistakes
 */
export function stepCallee(config: CallConfig, state: Callee, input: CalleeInput): CalleeStep {
  if (state.phase === 'done') return { state, effects: [] }
  if (state.phase === 'new') {
    if (input.type !== 'call') return { state, effects: [] }
    if (input.at >= state.deadline) return fail(state, late)
    return {
      state: { ...state, phase: 'running' },
      effects: [
        { type: 'set-timer', at: state.deadline },
        { type: 'run', request: input.request },
      ],
    }
  }
  switch (input.type) {
    case 'call':
      return { state, effects: [] }
    case 'received':
      return received(config, state, input)
    case 'result': {
      if (state.outflow.nextN > 0 || state.outflow.waiting.length > 0) {
        return stop(state, fault('calls/unexpected', 'a result after items'), true)
      }
      return {
        state: { ...state, phase: 'done' },
        effects: [
          { type: 'send', kind: 'result', body: input.body },
          { type: 'finish', outcome: 'answered' },
        ],
      }
    }
    case 'fail':
      return fail(state, input.fault)
    case 'write':
      return afterOutflow(state, write(config.windowBytes, state.outflow, input.data))
    case 'end-writing':
      return afterOutflow(state, endWriting(config.windowBytes, state.outflow))
    case 'handled':
      return afterInflow(state, handled(config.windowBytes, state.inflow, input.cost))
    case 'timer':
      return input.at >= state.deadline ? stop(state, late, true) : { state, effects: [] }
    case 'link-lost': {
      const streaming = state.outflow.nextN > 0 || state.inflow.receivedBytes > 0
      // A plain call runs on: its caller may ask again with the same idempotency key.
      return streaming
        ? stop(state, fault('calls/lost', 'the link was lost'), false)
        : { state, effects: [] }
    }
  }
}

function received(
  config: CallConfig,
  state: Callee,
  input: Extract<CalleeInput, { type: 'received' }>,
): CalleeStep {
  const { kind, body } = input
  switch (kind) {
    case 'item': {
      const parsed = parseItem(body, config.windowBytes)
      if (!parsed.ok) return stop(state, parsed.fault, true)
      return afterInflow(state, takeItem(config.windowBytes, state.inflow, parsed.item))
    }
    case 'end': {
      const parsed = parseEnd(body)
      if (!parsed.ok) return stop(state, parsed.fault, true)
      return afterInflow(state, takeEnd(state.inflow, parsed.count))
    }
    case 'credit': {
      const parsed = parseCredit(body)
      if (!parsed.ok) return stop(state, parsed.fault, true)
      return afterOutflow(state, takeCredit(config.windowBytes, state.outflow, parsed.upTo))
    }
    case 'cancel': {
      const parsed = parseFault(body)
      const reason = parsed.ok ? parsed.reported.message : 'the caller cancelled'
      return stop(state, fault('calls/cancelled', reason), false)
    }
  }
}

function afterInflow(state: Callee, step: InflowStep): CalleeStep {
  if (step.fault !== undefined) return stop(state, step.fault, true)
  const effects: CalleeEffect[] = step.deliver.map((data) => ({ type: 'deliver', data }))
  if (step.credit !== undefined) {
    effects.push({ type: 'send', kind: 'credit', body: encodeCredit(step.credit) })
  }
  if (step.ended) effects.push({ type: 'input-ended' })
  return { state: { ...state, inflow: step.flow }, effects }
}

function afterOutflow(state: Callee, step: OutflowStep): CalleeStep {
  if (step.fault !== undefined) return stop(state, step.fault, true)
  const effects: CalleeEffect[] = step.send.map((item) => ({
    type: 'send',
    kind: 'item',
    body: encodeItem(item),
  }))
  const writable = isWritable(step.flow)
  if (writable !== isWritable(state.outflow)) effects.push({ type: 'writable', writable })
  if (step.end === undefined) return { state: { ...state, outflow: step.flow }, effects }
  effects.push({ type: 'send', kind: 'end', body: encodeEnd(step.end) })
  effects.push({ type: 'finish', outcome: 'answered' })
  return { state: { ...state, outflow: step.flow, phase: 'done' }, effects }
}

/** The handler's own failure: it needs no abort. */
function fail(state: Callee, reason: Fault): CalleeStep {
  return {
    state: { ...state, phase: 'done' },
    effects: [
      { type: 'send', kind: 'error', body: encodeFault(reason) },
      { type: 'finish', outcome: 'failed' },
    ],
  }
}

function stop(state: Callee, reason: Fault, tell: boolean): CalleeStep {
  return {
    state: { ...state, phase: 'done' },
    effects: [
      { type: 'abort', fault: reason },
      ...(tell ? [{ type: 'send', kind: 'error', body: encodeFault(reason) } as const] : []),
      { type: 'finish', outcome: 'stopped' },
    ],
  }
}

const late: Fault = { code: 'calls/deadline', message: 'the deadline passed' }

function fault(code: string, message: string): Fault {
  return refuse(code, message).fault
}
