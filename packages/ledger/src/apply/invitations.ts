/**
 * Invitations: recorded, withdrawn, and what is left of them.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import type { InvitationFact } from '../facts.ts'
import { MAX_INVITATIONS } from '../limits.ts'
import { peekNested } from '../nested-records.ts'
import type { OperationOf } from '../operation.ts'
import { isApproved, mayInviteVoters } from './approval.ts'
import { type Applied, type Context, checkUnchanged, done, isRecorder, refused } from './context.ts'

/** The fact that an invitation becomes, if its inviter may invite now. Changes nothing. */
export function readInvitation(
  context: Context,
  bytes: Uint8Array,
): Verdict<{ id: string; fact: InvitationFact }> {
  const peeked = peekNested('invitation', bytes, context.fed)
  if (!peeked.ok) return peeked
  const { value, signer: inviter, id } = peeked
  if (!isApproved(context, 'invitation.create', inviter)) {
    return refused('ledger/not-allowed', 'this peer may not invite')
  }
  if (value.role === 'voter' && !mayInviteVoters(context, inviter)) {
    return refused('ledger/not-allowed', 'this peer may not invite voters')
  }
  if (value.expires <= context.at.time) {
    return refused('ledger/invitation-expired', 'the invitation has run out')
  }
  if (context.facts.invitation.entries.size >= MAX_INVITATIONS) {
    return refused('ledger/full', 'no more invitations fit')
  }
  const root = context.facts.member.get(inviter)?.root ?? 'founder'
  const { key, role, cohort, uses, expires } = value
  const fact: InvitationFact = {
    inviter,
    key,
    role,
    cohort,
    uses,
    used: 0,
    expires,
    revoked: false,
    // The first invitation on the chain from the founder is the root of everyone below it.
    root: root === 'founder' ? id : root,
    height: context.at.height,
  }
  return { ok: true, id, fact }
}

export function createInvitation(
  context: Context,
  { invitation }: OperationOf<'invitation.create'>['body'],
): Applied {
  const read = readInvitation(context, invitation)
  if (!read.ok) return read
  const { id, fact } = read
  if (context.signer !== fact.inviter && !isRecorder(context, context.signer)) {
    return refused('ledger/not-allowed', 'an invitation is recorded by its inviter')
  }
  const known = context.facts.invitation.get(id)
  if (known) return refused('ledger/invitation-exists', 'the invitation is recorded already')
  const unchanged = checkUnchanged(context, undefined)
  if (!unchanged.ok) return unchanged
  context.facts.invitation.set(id, fact)
  return done
}

export function revokeInvitation(
  context: Context,
  { invitation: id }: OperationOf<'invitation.revoke'>['body'],
): Applied {
  const { facts, signer, charter, at } = context
  const fact = facts.invitation.get(id)
  if (!fact) return refused('ledger/invitation-unknown', 'no such invitation is recorded')
  if (signer !== charter.founder && signer !== fact.inviter) {
    return refused('ledger/not-allowed', 'inviter or founder withdraw an invitation')
  }
  if (fact.revoked) return refused('ledger/invitation-revoked', 'it is withdrawn already')
  const unchanged = checkUnchanged(context, fact.height)
  if (!unchanged.ok) return unchanged
  facts.invitation.set(id, { ...fact, revoked: true, height: at.height })
  return done
}
