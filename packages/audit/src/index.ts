/**
 * An append-only Merkle log of every action that crosses a boundary, which anyone can check.
 *
 * @example
 * ```ts
 * import { openAudit, verifyAuditExport } from '@folkmoot/audit'
 *
 * const audit = await openAudit({ log, store, signer, note, checker, fed, clock, randomness })
 * const seq = await audit.intent({ direction: 'out', peer, action: 'call', content })
 * // only now may the call leave
 * await audit.outcome(seq, { decision: 'done' })
 * const verdict = await verifyAuditExport(checker, await audit.export())
 * ```
 *
 * @module
 */
export type {
  AuditInit,
  AuditLog,
  AuditRecovery,
  IntentInit,
  OutcomeInit,
  RefusalInit,
} from './audit-log.ts'
export type { Anchor, AnchorReport } from './check-anchors.ts'
export {
  type Checkpoint,
  checkpointOrigin,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from './checkpoint.ts'
export type { AuditCode } from './codes.ts'
export { type ComparedReport, compareAuditExport } from './compare-export.ts'
export { contentText } from './content-text.ts'
export {
  type Action,
  type AuditEntry,
  type Channel,
  type CommittedEntry,
  type Decision,
  type Direction,
  readLeaf,
  type Sealed,
} from './entry.ts'
export { type AuditExport, parseExport } from './export.ts'
export { type LogStatement, logStatementSchema, type PreviousLog } from './log-statement.ts'
export { openAudit } from './open-audit.ts'
export type { AuditFilter } from './query.ts'
export { type AuditReport, verifyAuditExport } from './verify-export.ts'
