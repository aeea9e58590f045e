/**
 * What this peer does about studies for others: leases units, compares results, gives batches, and
 * hears the results that everyone is told.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import { type KeyValueStore, refuse } from '@folkmoot/base'
import { peekStudyRecord, type StudyId } from '@folkmoot/studies'
import type { Exchange } from '../exchange/exchange.ts'
import { studyBatch, studyLease, studyResult, studyResults } from '../services.ts'
import type { Dispatch } from './dispatch.ts'
import { takeGiven } from './logged-results.ts'
import { batchKey } from './record-batches.ts'
import type { StudyRoom } from './study-room.ts'
import { answerResults } from './sync-results.ts'

export interface ServeStudiesInit {
  readonly exchange: Exchange
  readonly audit: Pick<AuditLog, 'intent' | 'outcome'>
  readonly store: KeyValueStore
  readonly topic: string
  /** The study where it is open here. */
  readonly open: (
    study: StudyId,
  ) => { readonly room: StudyRoom; readonly dispatch: Dispatch } | undefined
  readonly takesWork: (study: StudyId) => boolean
}

/** Serves until the returned function is called. */
export function serveStudies(init: ServeStudiesInit): () => void {
  const { exchange } = init
  const open = (study: string) => init.open(study as StudyId)
  const noStudy = () => refuse('federation/no-study', 'no such study is open here')

  exchange.expose({
    capability: studyLease,
    exposure: { to: 'members', maxConcurrent: 64, ratePerMinute: 1_200 },
    handler: async ({ study, want, holding }, { from }) => {
      const there = open(study)
      if (there === undefined) return noStudy()
      if (!init.takesWork(study as StudyId)) {
        return refuse('federation/study-closed', 'this study takes no more work')
      }
      const leased = there.dispatch.request(from, want, holding)
      if (!leased.ok) return leased
      const { units, expires, retryAt } = leased
      return { ok: true, output: { units: [...units], expires, retryAt } }
    },
  })
  exchange.expose({
    capability: studyResults,
    exposure: { to: 'members', maxConcurrent: 64, ratePerMinute: 600 },
    handler: async (query, { from }) => {
      const room = open(query.study)?.room
      if (room === undefined) return noStudy()
      return answerResults(room, query, (record) => takeGiven(init.audit, room, from, record))
    },
  })
  exchange.expose({
    capability: studyBatch,
    exposure: { to: 'members', maxConcurrent: 64, ratePerMinute: 1_200 },
    handler: async ({ study, root }) => {
      const batch = await init.store.get(batchKey(study as StudyId, root))
      return batch === undefined
        ? refuse('federation/no-batch', 'this batch is not here')
        : { ok: true, output: { batch } }
    },
  })

  return exchange.hear(
    init.topic,
    studyResult,
    async ({ study, record }) => {
      const there = open(study)
      if (there === undefined) return noStudy()
      const taken = await there.room.take(record)
      if (!taken.ok) return taken
      if (taken.fresh) there.dispatch.resultSeen(taken.result.peer, taken.result.unit)
      return { ok: true }
    },
    ({ study, record }) => {
      const there = open(study)
      if (there === undefined) return noStudy()
      const peeked = peekStudyRecord(record)
      if (!peeked.ok) return peeked
      return peeked.study !== study || there.room.results.get(peeked.id) !== undefined
        ? refuse('federation/known-result', 'this result is here already')
        : { ok: true }
    },
  )
}
