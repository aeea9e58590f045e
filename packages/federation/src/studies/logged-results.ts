/**
 * Results as the audit log sees them: one's own leaves only once its intent is there, and one that a
 * neighbour gives is kept only once that is there.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import { errorCode, errorMessage, refuse, type Verdict } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import { studyResult } from '../services.ts'
import type { StudyRoom } from './study-room.ts'

/** A record is worth hearing this long; later, anti-entropy brings it. */
const recordLifeMs = 5 * 60_000

/** Tells everyone an own result; from then on whoever compares is given it too. */
export async function tellResult(
  exchange: Exchange,
  topic: string,
  room: StudyRoom,
  id: string,
): Promise<Verdict> {
  const [record] = room.records([id], Number.MAX_SAFE_INTEGER, { untold: true })
  if (record === undefined) return { ok: true }
  const { study } = room
  const told = await exchange.tell(topic, studyResult, { study, record }, recordLifeMs)
  // Nobody may have heard it, but it went through every stage and is in the log.
  if (!told.ok && !told.fault.code.startsWith('transport/')) return told
  await room.told(id)
  return { ok: true }
}

/** Takes a result that `from` gave when the two compared, logged like one that was heard. */
export async function takeGiven(
  audit: Pick<AuditLog, 'intent' | 'outcome'>,
  room: StudyRoom,
  from: PeerId,
  record: Uint8Array,
): Promise<Verdict<{ fresh: boolean }>> {
  let intent: number | null = null
  let taken: Verdict<{ fresh: boolean }>
  try {
    taken = await room.take(record, {
      log: async (result) => {
        intent = await audit.intent({
          direction: 'in',
          peer: from,
          action: 'unit',
          capability: studyResult.name,
          envelope: result.id,
          content: encode({ study: room.study, record }),
        })
      },
    })
  } catch (error) {
    taken = refuse(errorCode(error, 'federation/unlogged'), errorMessage(error))
  }
  if (intent !== null) {
    await audit.outcome(intent, {
      decision: taken.ok ? 'done' : 'failed',
      reason: taken.ok ? null : taken.fault.code,
    })
  }
  return taken
}
