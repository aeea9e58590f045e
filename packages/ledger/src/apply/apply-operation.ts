/**
 * Applies one operation to the facts. Pure but for the facts it is given: same facts, position and
 * bytes, same outcome; a refusal leaves every fact as it was.
 *
 * @module
 */
import type { OpenedOperation } from '../operation.ts'
import { type Applied, type Context, refused } from './context.ts'
import { recordEvidence } from './evidence.ts'
import { found } from './found.ts'
import { createInvitation, revokeInvitation } from './invitations.ts'
import { admit, leave, revoke } from './members.ts'
import { recordCheckpoint, recordReport } from './observations.ts'
import { reportOverdue } from './overdue.ts'
import { ballot, propose } from './proposals.ts'
import { closeStudy, openStudy, recordBatch } from './studies.ts'
import { acceptOffer, registerKey, resignVoter } from './voters.ts'

export function applyOperation(
  surroundings: Omit<Context, 'signer' | 'id' | 'expectHeight'>,
  { operation, signer, id }: OpenedOperation,
): Applied {
  const { facts, at } = surroundings
  const { sequence, expiresHeight, expectHeight } = operation
  if (!facts.federation.get('') && operation.kind !== 'federation.found') {
    return refused('ledger/not-founded', 'nothing comes before the founding')
  }
  if (sequence <= (facts.sequence.get(signer) ?? 0)) {
    return refused('ledger/sequence', `sequence ${sequence} of this signer is behind`)
  }
  if (expiresHeight !== undefined && at.height > expiresHeight) {
    return refused('ledger/expired', `the operation was good until height ${expiresHeight}`)
  }
  const applied = applyKind({ ...surroundings, signer, id, expectHeight }, operation)
  if (applied.ok) facts.sequence.set(signer, sequence)
  return applied
}

function applyKind(context: Context, operation: OpenedOperation['operation']): Applied {
  switch (operation.kind) {
    case 'federation.found':
      return found(context, operation.body)
    case 'invitation.create':
      return createInvitation(context, operation.body)
    case 'invitation.revoke':
      return revokeInvitation(context, operation.body)
    case 'member.admit':
      return admit(context, operation.body)
    case 'member.leave':
      return leave(context)
    case 'member.revoke':
      return revoke(context, operation.body)
    case 'study.open':
      return openStudy(context, operation.body)
    case 'study.close':
      return closeStudy(context, operation.body)
    case 'study.batch':
      return recordBatch(context, operation.body)
    case 'audit.checkpoint':
      return recordCheckpoint(context, operation.body)
    case 'voter.key':
      return registerKey(context, operation.body)
    case 'voter.accept':
      return acceptOffer(context, operation.body)
    case 'voter.resign':
      return resignVoter(context)
    case 'voter.overdue':
      return reportOverdue(context, operation.body)
    case 'evidence':
      return recordEvidence(context, operation.body)
    case 'propose':
      return propose(context, operation.body)
    case 'ballot':
      return ballot(context, operation.body)
    case 'report':
      return recordReport(context, operation.body)
  }
}
