/**
 * What an engine brings to be tested by the suite.
 *
 * @module
 */
import type { AppendLog, Verdict } from '@folkmoot/base'
import type { FinalHeader, FinalityProof } from '../finality.ts'
import type { Application, FinalEntry, Height, ReplicatedLog } from '../replicated-log.ts'

/** An engine that also hands out its entries. */
export type ConformingLog = ReplicatedLog & {
  entries(from: Height, max: number): Promise<Uint8Array[]>
  entryAt(height: Height): Promise<FinalEntry | undefined>
}

export interface ConformingFollower {
  readonly height: Height
  accept(entry: Uint8Array): Promise<Verdict<{ height: Height }>>
}

export interface ConformanceHarness {
  /** Opens the engine over a disk, which may be one that was used before. */
  open(parts: { log: AppendLog; application: Application }): Promise<ConformingLog>
  /** Opens whatever follows the engine's entries, with an empty disk. */
  follow(parts: { application: Application }): Promise<ConformingFollower>
  verify(proof: FinalityProof): Promise<Verdict<FinalHeader>>
}

export interface ConformanceCase {
  /** A sentence about behaviour. */
  readonly name: string
  /** Rejects when the engine does not behave so. */
  run(harness: ConformanceHarness): Promise<void>
}
