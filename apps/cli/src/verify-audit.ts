/**
 * Checks an audit export offline, and holds it against the checkpoints of it on a ledger.
 *
 * @module
 */
import {
  type AuditReport,
  type ComparedReport,
  compareAuditExport,
  verifyAuditExport,
} from '@folkmoot/audit'
import { refuse, type Verdict } from '@folkmoot/base'
import { createChecker } from '@folkmoot/identity'
import { nodeVerifier } from '@folkmoot/storage/node'
import { readAnchors } from './verify-ledger.ts'

/** Both null where no ledger came along to compare it with. */
export type AuditVerification = AuditReport & {
  readonly [Name in 'anchored' | 'earlier']: ComparedReport[Name] | null
}

/** `ledger`: an export of the ledger; without it the log is compared with nothing but itself. */
export async function verifyAudit(
  bytes: Uint8Array,
  ledger?: Uint8Array,
): Promise<Verdict<AuditVerification>> {
  const checker = createChecker(nodeVerifier())
  if (ledger === undefined) {
    const alone = await verifyAuditExport(checker, bytes)
    return alone.ok ? { ...alone, anchored: null, earlier: null } : alone
  }
  const read = await readAnchors(ledger)
  if (!read.ok) return refuse(read.fault.code, `the ledger: ${read.fault.message}`)
  const verdict = await compareAuditExport(checker, bytes, read.anchors)
  if (!verdict.ok || verdict.fed === read.federation) return verdict
  return refuse('audit/anchor', 'the ledger: it is of another federation than the log')
}
