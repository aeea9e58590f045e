/**
 * Studies: manifests, units, signed results, leases, batches, and bundles that anyone verifies offline.
 *
 * @example
 * ```ts
 * import { createResultSet, openManifest, openStudyRecord, unitInput } from '@folkmoot/studies'
 *
 * const opened = await openManifest(checker, bytes, { fed })
 * if (!opened.ok) throw new Error(opened.fault.message)
 * const { manifest, study } = opened
 * const results = createResultSet(manifest, study)
 * const input = unitInput(manifest, study, 12, blocks)
 * const record = await openStudyRecord(checker, opened, gossip)
 * if (record.ok) results.add(record.opened)
 * ```
 *
 * @module
 */
export { explain } from '@folkmoot/validation'
export { type Answer, openAnswer } from './answer.ts'
export {
  type Batch,
  type BatchUnit,
  batchRoot,
  encodeBatch,
  nextBatch,
  openBatch,
  type RecordedBatch,
} from './batch.ts'
export type { StudiesCode } from './codes.ts'
export {
  currentDispatcher,
  type DispatcherView,
  nextDispatcher,
  silenceMs,
} from './dispatch/next-dispatcher.ts'
export {
  type DispatcherConfig,
  type DispatcherEffect,
  type DispatcherInput,
  type DispatcherState,
  defaultDispatch,
  type Idle,
  type Lease,
} from './dispatch/state.ts'
export { createDispatcher, stepDispatcher } from './dispatch/step.ts'
export {
  maxAnswerBytes,
  maxBlockBytes,
  maxBundleBytes,
  maxDigestBytes,
  maxManifestBytes,
  maxOutputBytes,
  maxRecordBytes,
  maxUnits,
} from './limits.ts'
export {
  type AnswerForm,
  type Manifest,
  type ManifestExpectation,
  type OpenedManifest,
  openManifest,
  peekManifest,
  sealManifest,
  type UnitLimits,
} from './manifest.ts'
export { type Digest, parseDigest } from './results/digest.ts'
export {
  type Added,
  createResultSet,
  type Difference,
  type ResultSet,
} from './results/result-set.ts'
export type { StudyId } from './study-id.ts'
export { reduceInput, type UnitOutput, unitInput, unitSeed } from './unit-input.ts'
export {
  checkOutput,
  encodeStudyRecord,
  type OpenedResult,
  openResult,
  openStudyRecord,
  peekStudyRecord,
  type ResultInit,
  type StudyOfResult,
  sealStudyRecord,
  type WorkResult,
} from './work-result.ts'
