/**
 * What members state about themselves and about studies: audit checkpoints and reports.
 *
 * @module
 */
import { readCheckpoint } from '../checkpoint.ts'
import { MAX_REPORTS } from '../limits.ts'
import type { OperationOf } from '../operation.ts'
import {
  type Applied,
  type Context,
  checkUnchanged,
  done,
  isActive,
  isRecorder,
  refused,
} from './context.ts'

export function recordCheckpoint(
  context: Context,
  { peer, checkpoint }: OperationOf<'audit.checkpoint'>['body'],
): Applied {
  const { facts, fed, signer, at } = context
  if (signer !== peer && !isRecorder(context, signer)) {
    return refused('ledger/not-allowed', 'a checkpoint is handed in by its peer or a recorder')
  }
  if (!isActive(context, peer)) return refused('ledger/not-member', 'this is no member')
  const head = readCheckpoint(checkpoint)
  if (!head || head.fed !== fed || head.peer !== peer) {
    return refused('ledger/checkpoint', "this is no checkpoint of this peer's log")
  }
  const before = facts.checkpoint.get(peer)
  if (before && before.log === head.log && head.size < before.size) {
    return refused('ledger/checkpoint-shrunk', `the log had ${before.size} entries before`)
  }
  const unchanged = checkUnchanged(context, before?.height)
  if (!unchanged.ok) return unchanged
  const { log, size } = head
  facts.checkpoint.set(peer, { log, size, text: checkpoint, time: at.time, height: at.height })
  return done
}

export function recordReport(
  context: Context,
  { study, reason }: OperationOf<'report'>['body'],
): Applied {
  const { facts, signer, at } = context
  if (!isActive(context, signer)) return refused('ledger/not-member', 'this is no member')
  const subject = facts.study.get(study)
  if (!subject) return refused('ledger/study-unknown', 'no such study is recorded')
  const key = `${study}/${signer}`
  if (facts.report.get(key)) return refused('ledger/reported', 'reported already')
  if (subject.reports >= MAX_REPORTS) return refused('ledger/full', 'no more reports fit')
  const unchanged = checkUnchanged(context, subject.height)
  if (!unchanged.ok) return unchanged
  facts.study.set(study, { ...subject, reports: subject.reports + 1 })
  facts.report.set(key, { reason, time: at.time, height: at.height })
  return done
}
