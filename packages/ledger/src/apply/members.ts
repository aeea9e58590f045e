/**
 * Members: admitted by an invitation, leaving, revoked.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import { type PeerId, publicKeyOf } from '@folkmoot/identity'
import type { ActionOf } from '../action.ts'
import type { InvitationFact, MemberFact, RevocationFact } from '../facts.ts'
import { MAX_MEMBERS, MAX_STRANGER_REVOCATIONS } from '../limits.ts'
import { peekNested } from '../nested-records.ts'
import type { OperationOf } from '../operation.ts'
import { founderDecides, mayInviteVoters } from './approval.ts'
import {
  type Applied,
  type Context,
  checkUnchanged,
  done,
  isActive,
  isRecorder,
  refused,
} from './context.ts'
import { readInvitation } from './invitations.ts'
import { endRole, offerVoter } from './voters.ts'

type Admission = OperationOf<'member.admit'>['body']

/**
 * Admits whoever the redemption names, by one use of its invitation. A peer that this invitation
 * admitted before costs no second use, so the operation may be repeated.
 */
export function admit(context: Context, body: Admission): Applied {
  const { facts, fed, at, signer, charter } = context
  if (!isRecorder(context, signer)) {
    return refused('ledger/not-allowed', 'founder and voters admit')
  }
  const redeemed = peekNested('redemption', body.redemption, fed)
  if (!redeemed.ok) return redeemed
  const { invitation: id, peer } = redeemed.value
  const known = facts.invitation.get(id)
  const invitation = known ?? invitationFrom(context, body, id)
  if ('ok' in invitation) return invitation
  if (!equalBytes(publicKeyOf(redeemed.signer), invitation.key)) {
    return refused('ledger/redemption', 'the redemption is not by the key of its invitation')
  }
  const member = facts.member.get(peer)
  if (member?.status === 'revoked' || facts.revocation.get(peer)) {
    return refused('ledger/revoked', 'the peer was revoked')
  }
  const given = invitation.role === 'voter' ? 'member' : invitation.role
  if (body.role !== given && body.role !== 'observer') {
    return refused('ledger/role', `the invitation is for the role ${invitation.role}`)
  }
  const unchanged = checkUnchanged(context, member?.height)
  if (!unchanged.ok) return unchanged
  const again = member?.invitation === id
  if (again && member.status === 'active') return done
  const usable = checkUsable(context, invitation, again)
  if (!usable.ok) return usable
  if (!member && facts.member.entries.size >= maxMembers(context)) {
    return refused('ledger/members-full', 'the federation is full')
  }
  if (peer === charter.founder) return refused('ledger/founder-stays', 'the founder is here')

  const used = invitation.used + (again ? 0 : 1)
  if (!again) facts.invitation.set(id, { ...invitation, used, height: at.height })
  facts.member.set(peer, admitted(context, body, id, member?.root ?? invitation.root))
  // The rule may have become stricter since. Who cannot be offered a seat is a member without one.
  if (invitation.role === 'voter' && mayInviteVoters(context, invitation.inviter)) {
    offerVoter(context, { peer, org: invitation.cohort, seat: true })
  }
  return done
}

function admitted(context: Context, body: Admission, id: string, root: string): MemberFact {
  const { time, height } = context.at
  return { role: body.role, root, status: 'active', since: time, invitation: id, height }
}

function invitationFrom(context: Context, body: Admission, id: string) {
  if (!body.invitation) {
    return refused('ledger/invitation-unknown', 'no such invitation is recorded')
  }
  const read = readInvitation(context, body.invitation)
  if (!read.ok) return read
  return read.id === id
    ? read.fact
    : refused('ledger/redemption', 'the redemption is for another invitation')
}

function checkUsable(context: Context, invitation: InvitationFact, again: boolean): Applied {
  if (invitation.revoked || context.facts.member.get(invitation.inviter)?.status === 'revoked') {
    return refused('ledger/invitation-revoked', 'the invitation was withdrawn')
  }
  if (invitation.expires <= context.at.time) {
    return refused('ledger/invitation-expired', 'the invitation has run out')
  }
  if (!again && invitation.used >= invitation.uses) {
    return refused('ledger/invitation-used-up', 'all uses of the invitation are spent')
  }
  return done
}

function maxMembers({ charter }: Context): number {
  return Math.min(charter.limits.members ?? MAX_MEMBERS, MAX_MEMBERS)
}

export function leave(context: Context): Applied {
  const { facts, signer, at, charter } = context
  if (signer === charter.founder) return refused('ledger/founder-stays', 'the founder stays')
  const member = facts.member.get(signer)
  if (member?.status !== 'active') return refused('ledger/not-member', 'this is no member')
  const unchanged = checkUnchanged(context, member.height)
  if (!unchanged.ok) return unchanged
  facts.member.set(signer, { ...member, status: 'left', height: at.height })
  endRole(context, signer)
  return done
}

/** The authority is the revocation's own signer: the key itself or the founder. Any member may hand it in. */
export function revoke(
  context: Context,
  { revocation }: OperationOf<'member.revoke'>['body'],
): Applied {
  const { facts, fed, charter, signer, at } = context
  const peeked = peekNested('revocation', revocation, fed)
  if (!peeked.ok) return peeked
  const { value, signer: by } = peeked
  const { peer, reason } = value
  const decides = by === charter.founder && founderDecides(context, 'member.revoke')
  if (by !== peer && !decides) {
    return refused('ledger/not-allowed', 'a key is revoked by itself or by the founder')
  }
  if (!isRecorder(context, signer) && !isActive(context, signer) && signer !== peer) {
    return refused('ledger/not-member', 'only members hand in a revocation')
  }
  if (peer === charter.founder) return refused('ledger/founder-stays', 'the founder stays')
  const member = facts.member.get(peer)
  const changed = facts.revocation.get(peer)
  if (changed) return refused('ledger/revoked', 'the key is revoked already')
  if (!member) {
    const stranger = checkStranger(context, by, peer)
    if (!stranger.ok) return stranger
  }
  const unchanged = checkUnchanged(context, member?.height)
  if (!unchanged.ok) return unchanged
  endMembership(context, peer, { by, at: value.at, reason, height: at.height })
  return done
}

/** Revokes a member's key by decision of the others. */
export function bar(context: Context, body: ActionOf<'member.revoke'>['body']): Applied {
  const { facts, charter, signer, at } = context
  const { peer, reason } = body
  if (peer === charter.founder) return refused('ledger/founder-stays', 'the founder stays')
  if (facts.revocation.get(peer)) return refused('ledger/revoked', 'the key is revoked already')
  if (!facts.member.get(peer)) return refused('ledger/not-member', 'this key never was a member')
  endMembership(context, peer, { by: signer, at: at.time, reason, height: at.height })
  return done
}

function endMembership(context: Context, peer: PeerId, revocation: RevocationFact): void {
  const { facts, at } = context
  const member = facts.member.get(peer)
  facts.revocation.set(peer, revocation)
  if (member) facts.member.set(peer, { ...member, status: 'revoked', height: at.height })
  endRole(context, peer)
}

/** A key that never joined may be barred by the founder, within bounds. */
function checkStranger({ facts, charter }: Context, by: PeerId, peer: PeerId): Applied {
  if (by !== charter.founder || by === peer) {
    return refused('ledger/not-member', 'this key never was a member')
  }
  // Members are bounded on their own, so this bounds what strangers add.
  const room = facts.member.entries.size + MAX_STRANGER_REVOCATIONS
  return facts.revocation.entries.size < room
    ? done
    : refused('ledger/full', 'no more revocations fit')
}
