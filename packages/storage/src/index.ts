/**
 * The platform-neutral part of storage: codes, the bytes of a log file, and the promises that every
 * store keeps. The stores themselves are in `@folkmoot/storage/node` and `@folkmoot/storage/web`.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@folkmoot/base'
 * import { keyValueCases } from '@folkmoot/storage'
 *
 * for (const { run } of keyValueCases) await run(memoryStore())
 * ```
 *
 * @module
 */
export type { StorageCode } from './codes.ts'
export { appendLogCases, type ConformanceCase, keyValueCases } from './conformance.ts'
export {
  consensusDatabaseCases,
  type OpenConsensusDatabase,
} from './consensus-database-cases.ts'
export { crc32c } from './crc32c.ts'
export {
  frameBatch,
  hidesBatch,
  logHeader,
  type RecordPlace,
  readLogHeader,
  type Scan,
  scanBatches,
} from './framed-log.ts'
