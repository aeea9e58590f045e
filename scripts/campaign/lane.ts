/**
 * One worker thread of `campaign.ts`: runs the seeds it is handed and answers with what they found.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads'
import { campaignOf, runSeeds } from '../../packages/simulator/src/index.ts'
import type { Job } from './lanes.ts'

parentPort!.on('message', async ({ campaign, from, count, mutant }: Job) => {
  const options = mutant === undefined ? {} : { mutant, stopAtFirst: true }
  parentPort!.postMessage(await runSeeds(campaignOf(campaign), from, count, options))
})
