/**
 * The founding: the first operation of every ledger.
 *
 * @module
 */
import { equalBytes, sha256 } from '@folkmoot/codec'
import { charterFacts, encodeVoterSet, type VoterSet } from '@folkmoot/consensus'
import type { MemberFact } from '../facts.ts'
import type { OperationOf } from '../operation.ts'
import { type Applied, type Context, done, refused } from './context.ts'
import { beginEpoch } from './epochs.ts'

export function found(
  context: Context,
  { charter }: OperationOf<'federation.found'>['body'],
): Applied {
  const { facts, fed, signer, at } = context
  if (facts.federation.get('')) return refused('ledger/founded', 'the federation is founded')
  if (signer !== context.charter.founder) {
    return refused('ledger/not-allowed', 'the founder founds')
  }
  if (!equalBytes(charter, context.charterBytes)) {
    return refused('ledger/charter', "the charter is not this federation's")
  }
  const first = charterFacts(context.charter, fed)
  if (!first.ok) return refused('ledger/charter', first.fault.message)
  facts.federation.set('', { fed, founder: signer })
  facts.member.set(signer, membership(at))
  if (first.facts.firstSet) seatFirstVoters(context, first.facts.firstSet)
  return done
}

/** The charter's voters decide from the first entry on, and are members. */
function seatFirstVoters({ facts, at }: Context, first: VoterSet): void {
  const { voters } = first
  for (const { peer, org } of voters) {
    facts.role.set(peer, { org, state: 'seated', seat: true, height: at.height })
    if (!facts.member.get(peer)) facts.member.set(peer, membership(at))
  }
  const peers = voters.map(({ peer }) => peer)
  facts.seats.set('', { peers, changed: false, height: at.height })
  const set = encodeVoterSet(first)
  beginEpoch(facts, at, first, { set, hash: sha256(set) })
}

function membership({ time, height }: Context['at']): MemberFact {
  return {
    role: 'member',
    root: 'founder',
    status: 'active',
    since: time,
    invitation: null,
    height,
  }
}
