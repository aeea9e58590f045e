/**
 * One call as a state machine, and the memory that keeps a call from happening twice.
 *
 * @example
 * ```ts
 * import { newCaller, stepCaller } from '@folkmoot/calls'
 *
 * let { state, effects } = stepCaller(config, newCaller({ request, deadline }), { type: 'start', at })
 * // effects: send `call`, set the deadline's timer
 * ;({ state, effects } = stepCaller(config, state, { type: 'received', kind: 'result', body, at }))
 * // effects: finish
 * ```
 *
 * @module
 */
export {
  encodeCredit,
  encodeEnd,
  encodeFault,
  encodeItem,
  type Item,
  parseCredit,
  parseEnd,
  parseFault,
  parseItem,
} from './bodies.ts'
export {
  type Callee,
  type CalleeEffect,
  type CalleeInput,
  newCallee,
  stepCallee,
} from './callee.ts'
export {
  type CallConfig,
  type Caller,
  type CallerEffect,
  type CallerInput,
  type CallOutcome,
  newCaller,
  stepCaller,
} from './caller.ts'
export type { CallsCode } from './codes.ts'
export {
  type Answer,
  createIdempotency,
  type Idempotency,
  type IdempotencyClaim,
  type IdempotencyConfig,
  idempotencyDefaults,
} from './idempotency.ts'
export { DEFAULT_WINDOW_BYTES, itemCost } from './inflow.ts'
export {
  createReplayWindow,
  type ReplayClaim,
  type ReplayConfig,
  type ReplaySnapshot,
  type ReplayWindow,
  replayDefaults,
} from './replay-window.ts'
