/**
 * Anti-entropy for results: gossip loses messages, tabs sleep, relays die. Every few seconds two
 * peers compare digests and each gives the other what it lacks.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type * as v from 'valibot'
import { maxBatchBytes, type studyResults } from '../services.ts'
import type { StudyRoom } from './study-room.ts'

/** Takes one record that a neighbour gave. */
export type TakeGiven = (record: Uint8Array) => Promise<Verdict<{ fresh: boolean }>>

export type ResultsQuery = v.InferOutput<(typeof studyResults)['input']>
export type ResultsAnswer = v.InferOutput<(typeof studyResults)['output']>

/** Answers a query: takes what it brings, gives what it lacks, and shows what is held here. */
export async function answerResults(
  room: StudyRoom,
  query: ResultsQuery,
  take: TakeGiven,
): Promise<Verdict<{ output: ResultsAnswer }>> {
  await takeAll(query.records, take)
  const lacking = room.results.missing(query.digest)
  if (!lacking.ok) return lacking
  return {
    ok: true,
    output: {
      records: room.records(lacking.ids, maxBatchBytes),
      digest: lacking.reply ?? room.results.digest(),
    },
  }
}

/** Rounds with one peer at a time; the rest waits for the next turn. */
const maxRounds = 16

/** Makes two sets one, as far as `maxRounds` messages of bounded size allow. */
export async function syncResults(
  room: StudyRoom,
  peer: PeerId,
  ask: (peer: PeerId, query: ResultsQuery) => Promise<Verdict<{ output: ResultsAnswer }>>,
  take: TakeGiven,
): Promise<Verdict<{ taken: number }>> {
  let taken = 0
  let records: Uint8Array[] = []
  for (let round = 0; round < maxRounds; round++) {
    const answer = await ask(peer, { study: room.study, digest: room.results.digest(), records })
    if (!answer.ok) return answer
    taken += await takeAll(answer.output.records, take)
    const lacking = room.results.missing(answer.output.digest)
    if (!lacking.ok) return lacking
    records = room.records(lacking.ids, maxBatchBytes)
    if (records.length === 0 && answer.output.records.length === 0) break
  }
  return { ok: true, taken }
}

/** Records that are judged at once, so that their entries in the log share syncs. */
const together = 64

/** @throws FederationError where a record could not be logged or kept */
async function takeAll(records: readonly Uint8Array[], take: TakeGiven): Promise<number> {
  let taken = 0
  for (let from = 0; from < records.length; from += together) {
    const verdicts = await Promise.all(records.slice(from, from + together).map(take))
    taken += verdicts.filter((verdict) => verdict.ok && verdict.fresh).length
  }
  return taken
}
