/**
 * What every engine must do, as named cases that any test runner can run.
 *
 * @example
 * ```ts
 * import { conformanceCases } from '@folkmoot/consensus/conformance'
 *
 * for (const { name, run } of conformanceCases) it(name, () => run(harness))
 * ```
 *
 * @module
 */
import { crashCases } from './crash-cases.ts'
import type { ConformanceCase } from './harness.ts'
import { orderCases } from './order-cases.ts'

export { type Break, createFaultyDisk, type FaultyDisk } from './faulty-disk.ts'
export type {
  ConformanceCase,
  ConformanceHarness,
  ConformingFollower,
  ConformingLog,
} from './harness.ts'
export { createTextList, type TextList } from './text-list.ts'

export const conformanceCases: readonly ConformanceCase[] = [...orderCases, ...crashCases]
