/**
 * Takes turns in comparing results: one neighbour a turn, the relay every second time, because it
 * records.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import { errorMessage, type Logger, refuse } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import { studyResults } from '../services.ts'
import { takeGiven, tellResult } from './logged-results.ts'
import type { StudyRoom } from './study-room.ts'
import { syncResults } from './sync-results.ts'

export interface SyncTurnsInit {
  readonly me: PeerId
  readonly exchange: Exchange
  readonly audit: Pick<AuditLog, 'intent' | 'outcome'>
  readonly logger: Logger
  readonly topic: string
  readonly present: () => readonly PeerId[]
  readonly home: () => PeerId
  readonly rooms: () => readonly StudyRoom[]
}

/** Each call is one turn. */
export function createSyncTurns(init: SyncTurnsInit): () => Promise<void> {
  const { exchange } = init
  let turn = 0
  return async () => {
    const present = init.present().filter((peer) => peer !== init.me)
    if (present.length === 0) return
    turn += 1
    const home = init.home()
    const others = present.filter((peer) => peer !== home)
    const pick = others[(turn >> 1) % Math.max(1, others.length)]
    const peer = turn % 2 === 1 && present.includes(home) ? home : (pick ?? home)
    for (const room of init.rooms()) {
      // What could not be told when it was made, because no entry could be written, say.
      for (const id of room.untold()) await tellResult(exchange, init.topic, room, id)
      const synced = await syncResults(
        room,
        peer,
        (to, query) => exchange.call(to, studyResults, query, { deadlineMs: 10_000 }),
        (record) => takeGiven(init.audit, room, peer, record),
      ).catch((error: unknown) => refuse('federation/sync', errorMessage(error)))
      if (!synced.ok) {
        init.logger.log('debug', 'results were not compared', { code: synced.fault.code })
      }
    }
  }
}
