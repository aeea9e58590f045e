/**
 * Whether an operation is well-formed and every signature in it is genuine. Looks at no state, so
 * any node gets the same answer at any time; what the state says is asked by `apply`.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { parseVoterSet, verifyEvidence } from '@folkmoot/consensus'
import { type Checker, type FederationId, openCharter, verifyNote } from '@folkmoot/identity'
import type { Action } from './action.ts'
import { readCheckpoint } from './checkpoint.ts'
import type { LedgerCode } from './codes.ts'
import { checkNested, type NestedKind } from './nested-records.ts'
import { type Operation, openOperation } from './operation.ts'
import { checkVoteKey } from './vote-key.ts'

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
  if (operation.kind === 'evidence') return checkEvidence(checker, fed, operation.body)
  if (operation.kind === 'voter.key' || operation.kind === 'voter.accept') {
    const held = await checkVoteKey(checker, operation.body, { fed, peer: opened.signer })
    if (!held) return refused('ledger/signature', 'the vote key does not sign for this peer')
  }
  for (const [kind, record] of nestedRecords(operation)) {
    const checked = await checkNested(checker, kind, record)
    if (!checked.ok) return checked
  }
  return { ok: true }
}

function nestedRecords({ kind, body }: Operation | Action): [NestedKind, Uint8Array][] {
  switch (kind) {
    case 'invitation.create':
      return [['invitation', body.invitation]]
    case 'member.admit': {
      const records: [NestedKind, Uint8Array][] = [['redemption', body.redemption]]
      if (body.invitation) records.push(['invitation', body.invitation])
      return records
    }
    case 'member.revoke':
      return 'revocation' in body ? [['revocation', body.revocation]] : []
    case 'study.open':
      return [['manifest', body.manifest]]
    case 'propose':
      return nestedRecords(body.action)
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

/** Whether the set that came along is that of its epoch is the state's question. */
async function checkEvidence(
  checker: Checker,
  fed: FederationId,
  body: Extract<Operation, { kind: 'evidence' }>['body'],
): Promise<Verdict> {
  const parsed = parseVoterSet(body.set)
  if (!parsed.ok) return refused('ledger/evidence', parsed.fault.message)
  const setOf = (epoch: number) => (epoch === parsed.set.epoch ? parsed.set : undefined)
  const verified = await verifyEvidence(checker, fed, { setOf }, body.evidence)
  return verified.ok ? { ok: true } : refused('ledger/evidence', verified.fault.message)
}
