/**
 * Gets the batches behind the roots on the ledger, from the store or from whoever has them.
 *
 * @module
 */
import type { KeyValueStore } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { openBatch, type StudyId } from '@folkmoot/studies'
import type { Exchange } from '../exchange/exchange.ts'
import { studyBatch } from '../services.ts'
import { batchKey } from './record-batches.ts'
import type { StudyRoom } from './study-room.ts'

export interface FetchBatchesInit {
  readonly me: PeerId
  readonly exchange: Exchange
  readonly store: KeyValueStore
  readonly present: () => readonly PeerId[]
  /** Roots that the ledger has made final. */
  readonly roots: (study: StudyId) => readonly Uint8Array[]
  readonly stopped: () => boolean
}

export interface BatchFetching {
  fetch(study: StudyId, root: Uint8Array): Promise<Uint8Array | undefined>
  /** Fetches what is final and not here yet, and settles it in the room. */
  settle(room: StudyRoom): Promise<void>
}

export function createBatchFetching(init: FetchBatchesInit): BatchFetching {
  const { store } = init
  const fetch = async (study: StudyId, root: Uint8Array): Promise<Uint8Array | undefined> => {
    const key = batchKey(study, root)
    const kept = await store.get(key)
    if (kept !== undefined) return kept
    for (const peer of init.present()) {
      if (peer === init.me) continue
      const query = { study, root }
      const answer = await init.exchange.call(peer, studyBatch, query, { deadlineMs: 5_000 })
      if (!answer.ok || !openBatch(answer.output.batch, root).ok) continue
      await store.write([{ type: 'put', key, value: answer.output.batch }])
      return answer.output.batch
    }
    return undefined
  }
  return {
    fetch,
    settle: async (room) => {
      for (const root of init.roots(room.study)) {
        if (init.stopped() || room.settled(root)) continue
        const bytes = await fetch(room.study, root)
        const opened = bytes === undefined ? undefined : openBatch(bytes, root)
        if (opened?.ok === true) room.settle(opened.batch)
      }
    },
  }
}
