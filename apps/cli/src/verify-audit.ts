/**
 * Checks an audit export offline.
 *
 * @module
 */

import { verifyAuditExport } from '@folkmoot/audit'
import type { Verdict } from '@folkmoot/base'
import { toHex } from '@folkmoot/codec'
import { createChecker } from '@folkmoot/identity'
import { nodeVerifier } from '@folkmoot/storage/node'

export interface AuditVerification {
  readonly entries: number
  readonly root: string
  readonly checkpoints: number
  readonly droppedBytes: number
}

export async function verifyAudit(bytes: Uint8Array): Promise<Verdict<AuditVerification>> {
  const verdict = await verifyAuditExport(createChecker(nodeVerifier()), bytes)
  if (!verdict.ok) return verdict
  return {
    ok: true,
    entries: verdict.size,
    root: toHex(verdict.root),
    checkpoints: verdict.checkpoints.length,
    droppedBytes: 0,
  }
}
