/**
 * Seats of those who hold up a change of voters: whoever registers no key for the next epoch, or was
 * seated for it and never gets in step, loses the seat after a notice and a time.
 *
 * A notice comes first, so that it is the header's time that runs and everybody has read whose it is.
 *
 * @module
 */
import type { Charter, PeerId } from '@folkmoot/identity'
import type { Facts } from '../fact-store.ts'
import { DEFAULT_VOTE_KEY_MS } from '../limits.ts'
import type { OperationOf } from '../operation.ts'
import { type Applied, type Context, done, refused } from './context.ts'
import { currentEpoch, isVoter } from './epochs.ts'
import { voteKeyId } from './seats.ts'
import { dropRole } from './voters.ts'

/** How long after the notice a seat is kept, in ms. */
export function voteKeyMs({ limits }: Pick<Charter, 'limits'>): number {
  return Object.hasOwn(limits, 'voteKeyMs') ? limits.voteKeyMs! : DEFAULT_VOTE_KEY_MS
}

/**
 * Those on whom a change of seats waits: who has no key for the next epoch; once nobody lacks one,
 * who does not vote yet, since present voters have shown that they are in step.
 */
export function holdingUp(facts: Facts): readonly PeerId[] {
  const seats = facts.seats.get('')
  const epoch = currentEpoch(facts)
  // In epoch 0 the founder names other voters instead.
  if (!seats?.changed || epoch === 0) return []
  const missing = seats.peers.filter((peer) => !facts.voteKey.get(voteKeyId(epoch + 1, peer)))
  return missing.length > 0 ? missing : seats.peers.filter((peer) => !isVoter(facts, peer))
}

/** The first one is the notice; from the charter's time after it on, another one frees the seat. */
export function reportOverdue(
  context: Context,
  { peer }: OperationOf<'voter.overdue'>['body'],
): Applied {
  const { facts, signer, at, charter } = context
  if (!isVoter(facts, signer)) return refused('ledger/not-allowed', 'this is no voter')
  if (!holdingUp(facts).includes(peer)) {
    return refused('ledger/not-overdue', 'nothing waits for this peer')
  }
  const notice = facts.overdue.get(peer)
  if (!notice) {
    facts.overdue.set(peer, { time: at.time, by: signer, height: at.height })
    return done
  }
  const until = notice.time + voteKeyMs(charter)
  if (at.time < until) return refused('ledger/not-overdue', `the seat is kept until ${until}`)
  return dropRole(context, peer)
}
