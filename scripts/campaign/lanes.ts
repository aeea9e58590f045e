/**
 * Spreads jobs over worker threads, in order, each thread taking the next when it is free.
 *
 * @module
 */
import { Worker } from 'node:worker_threads'
import type { CampaignTally } from '../../packages/simulator/src/index.ts'

export interface Job {
  readonly campaign: string
  readonly from: number
  readonly count: number
  readonly mutant?: string
}

/** Calls `done` after each job, and `wanted` before it: a job nobody wants any more is left out. */
export async function runLanes(
  lanes: number,
  jobs: readonly Job[],
  done: (job: Job, tally: CampaignTally, ms: number) => void,
  wanted: (job: Job) => boolean = () => true,
): Promise<void> {
  const left = [...jobs]
  const lane = async () => {
    const worker = new Worker(new URL('lane.ts', import.meta.url))
    try {
      for (;;) {
        const job = left.shift()
        if (job === undefined) return
        if (!wanted(job)) continue
        const begun = performance.now()
        const tally = await new Promise<CampaignTally>((resolve, reject) => {
          worker.removeAllListeners()
          worker.once('message', resolve)
          worker.once('error', reject)
          worker.postMessage(job)
        })
        done(job, tally, performance.now() - begun)
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
