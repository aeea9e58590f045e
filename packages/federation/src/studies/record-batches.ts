/**
 * The recorder: puts newly accepted units of a study on the ledger, in batches. Every peer runs it,
 * and one of those who decide has its turn; it goes on where the ledger stands.
 *
 * @module
 */
import {
  errorMessage,
  type KeyValueStore,
  type Logger,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { toHex } from '@folkmoot/codec'
import { encodeBatch, nextBatch, type RecordedBatch, type StudyId } from '@folkmoot/studies'
import type { StudyRoom } from './study-room.ts'

export interface RecordBatchesInit {
  readonly room: StudyRoom
  readonly store: KeyValueStore
  readonly timers: Timers
  readonly logger: Logger
  /** The units that the ledger holds as final now; null where it takes no more of this study. */
  readonly finalUnits: () => ReadonlySet<number> | null
  /** Height of the ledger: what it refused once it refuses until something else is final. */
  readonly height: () => number
  /** Makes the batch final. */
  readonly submit: (batch: RecordedBatch) => Promise<Verdict>
}

/** Units that came in this time share one batch. */
const gatherMs = 750
/** Units in one batch: it must fit one answer of `study.batch`. */
const batchUnits = 200
/** Looks this often whether it is this peer's turn now. */
const turnMs = 5_000
/** Tried again after this when the ledger refused or failed. */
const retryMs = 3_000

/** Where a batch lies in the store; the ledger holds its root only. */
export function batchKey(study: StudyId, root: Uint8Array): string {
  return `batch/${study}/${toHex(root)}`
}

/** Starts recording; the returned function stops it. */
export function recordBatches(init: RecordBatchesInit): () => void {
  let stopped = false
  let busy = false
  let cancel: (() => void) | null = null
  let refusedAt: number | null = null

  const record = async (): Promise<void> => {
    if (busy || stopped) return
    const final = init.finalUnits()
    if (final === null || init.height() === refusedAt) return
    const isFinal = (unit: number) => final.has(unit)
    const batch = nextBatch(init.room.study, init.room.acceptance(), isFinal, batchUnits)
    if (batch === undefined) return
    busy = true
    let delay = 0
    try {
      // The batch is durable before its root is: a root that nobody can open proves nothing.
      await init.store.write([
        { type: 'put', key: batchKey(init.room.study, batch.root), value: encodeBatch(batch) },
      ])
      const verdict = await init.submit(batch)
      if (!verdict.ok) {
        init.logger.log('warn', 'a batch was not recorded', { code: verdict.fault.code })
        // The refusal may itself have become an entry; only another one can change the answer.
        if (verdict.fault.code.startsWith('ledger/')) refusedAt = init.height()
        delay = retryMs
      }
    } catch (error) {
      init.logger.log('warn', 'recording failed', { reason: errorMessage(error) })
      delay = retryMs
    } finally {
      busy = false
    }
    plan(delay)
  }
  const plan = (delayMs: number) => {
    if (stopped) return
    cancel ??= init.timers.after(delayMs, () => {
      cancel = null
      void record()
    })
  }
  const unsubscribe = init.room.onChange(() => plan(gatherMs))
  // Whose turn it was may be gone, and nothing else would tell.
  const cancelTurns = init.timers.every(turnMs, () => plan(0))
  plan(gatherMs)
  return () => {
    stopped = true
    unsubscribe()
    cancelTurns()
    cancel?.()
  }
}
