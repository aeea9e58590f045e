/**
 * Interfaces and value types that every other package shares.
 *
 * @example
 * ```ts
 * import { FederationError, memoryStore } from '@folkmoot/base'
 *
 * const store = memoryStore()
 * await store.write([{ type: 'put', key: 'a', value: new Uint8Array([1]) }])
 * ```
 *
 * @module
 */
export type { Ed25519Verifier, Randomness, RawSigner } from './crypto.ts'
export { errorCode, errorMessage, FederationError, type FederationErrorInit } from './error.ts'
export {
  type LogFields,
  type Logger,
  type LogLevel,
  type Metrics,
  silentLogger,
  silentMetrics,
} from './log.ts'
export {
  type MemoryMedium,
  memoryConsensusDatabase,
  memoryMedium,
} from './memory-consensus-database.ts'
export { memoryLog, memoryStore } from './memory-store.ts'
export type { Step } from './step.ts'
export type {
  AppendLog,
  BlockStore,
  ConsensusDatabase,
  KeyDeletion,
  KeyValueStore,
  ListRange,
  LogRecovery,
  StoreOperation,
} from './store.ts'
export type { Clock, Millis, Timers } from './time.ts'
export { type Accepted, type Fault, type Refused, refuse, type Verdict } from './verdict.ts'
