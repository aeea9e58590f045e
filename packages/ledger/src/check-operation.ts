/**
 * Whether an operation is well-formed and every signature in it is genuine. Looks at no state, so
 * any node gets the same answer at any time; what the state says is asked by `apply`.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { type Checker, type FederationId, openCharter, verifyNote } from '@folkmoot/identity'
import { readCheckpoint } from './checkpoint.ts'
import type { LedgerCode } from './codes.ts'
import { checkNested, type NestedKind } from './nested-records.ts'
import { type Operation, openOperation } from './operation.ts'

export async function checkOperation(
  checker: Checker,
  fed: FederationId,
  bytes: Uint8Array,
): Promise<Verdict> {
  const opened = await openOperation(checker, bytes, { fed })
  if (!opened.ok) return opened
  const { operation } = opened
  if (operation.kind === 'federation.found') {
    const charter = await openCharter(checker, operation.body.charter, fed)
    return charter.ok ? charter : refused('ledger/charter', charter.fault.message)
  }
  if (operation.kind === 'audit.checkpoint') return checkCheckpoint(checker, operation.body)
  for (const [kind, record] of nestedRecords(operation)) {
    const checked = await checkNested(checker, kind, record)
    if (!checked.ok) return checked
  }
  return { ok: true }
}

function nestedRecords({ kind, body }: Operation): [NestedKind, Uint8Array][] {
  switch (kind) {
    case 'invitation.create':
      return [['invitation', body.invitation]]
    case 'member.admit': {
      const records: [NestedKind, Uint8Array][] = [['redemption', body.redemption]]
      if (body.invitation) records.push(['invitation', body.invitation])
      return records
    }
    case 'member.revoke':
      return [['revocation', body.revocation]]
    case 'study.open':
      return [['manifest', body.manifest]]
    default:
      return []
  }
}

async function checkCheckpoint(
  checker: Checker,
  body: Extract<Operation, { kind: 'audit.checkpoint' }>['body'],
): Promise<Verdict> {
  const head = readCheckpoint(body.checkpoint)
  if (!head) return refused('ledger/checkpoint', 'this is not a checkpoint')
  const note = await verifyNote(checker, body.checkpoint, { name: head.origin, peer: body.peer })
  return note.ok ? note : refused('ledger/signature', `checkpoint: ${note.fault.message}`)
}

function refused(code: LedgerCode, message: string) {
  return refuse(code, message)
}
