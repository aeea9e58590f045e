/**
 * Under `raft` only relays take seats: a tab that is offered one can but refuse it. The ledger cannot
 * say so, since nothing in it tells a tab from a relay; what a peer announces of itself does, so
 * this is asked where the offer is made.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { FederationCode, Peer } from '@folkmoot/federation'
import type { Action } from '@folkmoot/ledger'
import { shortId } from '../text-table.ts'

/** @throws FederationError `federation/engine` where the seat would be a tab's that is here */
export function checkSeat(peer: Pick<Peer, 'ledger' | 'present'>, action: Action): void {
  for (const wanted of raftVoters(peer, action)) {
    // Of whom nothing is heard nothing is known: that peer may be a relay that is away.
    const tab = peer.present().find((each) => each.peer === wanted && each.status === 'here')
    if (tab === undefined || tab.listens) continue
    const who = `${tab.nickname} ${shortId(wanted)}`.trim()
    const message = `under raft only relays take seats, and ${who} tells nobody where it listens`
    throw new FederationError<FederationCode>('federation/engine', message, {
      hint: 'a tab follows what the relays decide, and checks it',
    })
  }
}

/** Those whom the action would make voters of a Raft group. */
function raftVoters({ ledger }: Pick<Peer, 'ledger'>, action: Action): readonly string[] {
  if (action.kind === 'engine.change') {
    return action.body.engine === 'raft' ? action.body.voters.map((each) => each.peer) : []
  }
  const isOffer = action.kind === 'voter.offer' && ledger.voterSet()?.engine === 'raft'
  return isOffer ? [action.body.peer] : []
}
