/**
 * Agreement when some members lie: three votes a view, certificates, epochs.
 *
 * The core is pure and knows neither clock nor network nor disk; the engine performs its effects
 * with what it is given, the same in Node and in a tab.
 *
 * @example
 * ```ts
 * import { createBftLog } from '@folkmoot/consensus-bft'
 *
 * const ledger = await createBftLog({ facts, me, checker, application, log, database, network, clock, timers })
 * ledger.on((event) => event.type === 'evidence' && report(event.bytes))
 * const { outcome, height, proof } = await ledger.submit(operation, { id: 'op-1' })
 * ```
 *
 * @module
 */
export { voteKeyName } from '@folkmoot/consensus'
export type { ConsensusBftCode } from './codes.ts'
export { type CoreConfig, type CoreTiming, defaultTiming, type LogTip } from './core/config.ts'
export { type Core, type CoreView, createCore } from './core/core.ts'
export { readCrossing } from './core/crossings.ts'
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
export { crossingKey, NOTARISED_PREFIX, RECORDS_PREFIX } from './core/records.ts'
export { type OwnWords, type VotingRules, votingRules } from './core/rules.ts'
export {
  type BftEvent,
  type BftLog,
  type BftLogInit,
  type BftStatus,
  createBftLog,
} from './engine/bft-log.ts'
