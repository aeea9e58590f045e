/**
 * Checks an audit export offline.
 *
 * @module
 */
import { type AuditReport, verifyAuditExport } from '@folkmoot/audit'
import type { Verdict } from '@folkmoot/base'
import { createChecker } from '@folkmoot/identity'
import { nodeVerifier } from '@folkmoot/storage/node'

export function verifyAudit(bytes: Uint8Array): Promise<Verdict<AuditReport>> {
  return verifyAuditExport(createChecker(nodeVerifier()), bytes)
}
