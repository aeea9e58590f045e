/**
 * Changing the members one at a time (thesis, chapter 4): two majorities that follow each other
 * always share somebody. Not before an entry of the leader's own term is committed, or a change
 * that an earlier leader began could be forgotten.
 *
 * @module
 */
import { type Fault, refuse, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { RaftCode } from '../codes.ts'
import { encodeMembership, MAX_MEMBERS, type Membership } from '../entry.ts'
import type { RaftChange } from './effects.ts'
import { propose } from './replication.ts'
import type { RaftState } from './state.ts'

export function changeMembers(s: RaftState, change: RaftChange): void {
  if (s.role !== 'leader') return
  const ready = s.commit >= s.opened && s.log.membersIndex <= s.commit && s.transferTo === null
  const next: Verdict<{ members: Membership }> = ready
    ? applyChange(s.log.members, change)
    : refused('consensus-raft/membership-busy', 'another change is under way; try again')
  if (next.ok) {
    // What it held before it left says nothing of what it holds now: it may have lost its disk.
    if (change.kind === 'add' && !isMember(s.log.members, change.peer))
      s.progress.delete(change.peer)
    propose(s, 'members', [encodeMembership(next.members)])
  } else s.out.now({ type: 'changeRefused', fault: next.fault satisfies Fault })
}

function isMember({ voters, learners }: Membership, peer: PeerId): boolean {
  return voters.includes(peer) || learners.includes(peer)
}

/** The members after a change. */
export function applyChange(
  { voters, learners }: Membership,
  change: RaftChange,
): Verdict<{ members: Membership }> {
  const { peer } = change
  const without = (list: Membership['voters']) => list.filter((each) => each !== peer)
  const plus = (list: Membership['voters']) => [...without(list), peer].sort()
  if (change.kind === 'remove') {
    if (!isMember({ voters, learners }, peer)) {
      return refused('consensus-raft/membership', 'it is no member')
    }
    if (without(voters).length === 0) {
      return refused('consensus-raft/membership', 'the last voter stays')
    }
    return { ok: true, members: { voters: without(voters), learners: without(learners) } }
  }
  if (voters.includes(peer) || (change.as === 'learner' && learners.includes(peer))) {
    return refused('consensus-raft/membership', 'it is a member already')
  }
  const list = change.as === 'voter' ? voters : learners
  if (list.length >= MAX_MEMBERS) return refused('consensus-raft/membership', 'there is no room')
  const members =
    change.as === 'voter'
      ? { voters: plus(voters), learners: without(learners) }
      : { voters, learners: plus(learners) }
  return { ok: true, members }
}

function refused(code: RaftCode, message: string) {
  return refuse(code, message)
}
