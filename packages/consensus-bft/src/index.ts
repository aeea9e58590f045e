/**
 * Agreement when some members lie: three votes a view, certificates, epochs.
 *
 * The core is pure and knows neither clock nor network nor disk; a driver performs its effects.
 *
 * @example
 * ```ts
 * import { createCore, RECORDS_PREFIX } from '@folkmoot/consensus-bft'
 *
 * const records = new Map(await database.list({ prefix: RECORDS_PREFIX }))
 * const core = createCore({ instance, me, set, tip }, records)
 * for (const effect of core.step({ type: 'start', at: clock.now() })) perform(effect)
 * ```
 *
 * @module
 */
export type { ConsensusBftCode } from './codes.ts'
export { type CoreConfig, type CoreTiming, defaultTiming, type LogTip } from './core/config.ts'
export { type Core, type CoreView, createCore } from './core/core.ts'
export type {
  BftEffect,
  BftInput,
  BuiltBlock,
  Effect,
  FinalBlock,
  Input,
} from './core/effects.ts'
export { type Frontier, frontierOf } from './core/frontier.ts'
export {
  encodeMessage,
  entriesMessage,
  MAX_MESSAGE_BYTES,
  type Message,
  parseMessage,
  type Status,
} from './core/messages.ts'
export { RECORDS_PREFIX, voteKeyName } from './core/records.ts'
export { type OwnWords, type VotingRules, votingRules } from './core/rules.ts'
