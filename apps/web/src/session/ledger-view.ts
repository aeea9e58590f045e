/**
 * What was agreed, and by whom, as the page shows it.
 *
 * @module
 */
import type { Peer } from '@folkmoot/federation'
import { factKey, peekOperation } from '@folkmoot/ledger'
import type { StudyId } from '@folkmoot/studies'
import type { DecisionView, LedgerView, ProvableFact, SeatView } from '../view-model.ts'
import { words } from '../words.ts'

const decisionRows = 24

export function ledgerView(peer: Peer, study: StudyId): LedgerView {
  const status = peer.ledger.status()
  const seats = seatsOf(peer)
  return {
    engine: status.kind,
    epoch: status.epoch,
    height: status.height,
    // Engine `solo` has no views.
    view: 0,
    voters: seats.map((seat) => seat.peer),
    finalAtMs: peer.ledger.finalAt(),
    behind: peer.ledger.behind(),
    seats,
    quorum: 1,
    tolerates: 0,
    stalled: false,
    certificate: status.height === 0 ? null : { height: status.height, signers: 1, voters: 1 },
    role: 'observer',
    proposals: [],
    facts: provableFacts(peer, study),
  }
}

function seatsOf(peer: Peer): SeatView[] {
  const here = new Map(peer.present().map((entry) => [entry.peer, entry]))
  const relay = peer.relay()
  return peer.charter.voters.map((voter) => ({
    peer: voter,
    nickname: here.get(voter)?.nickname ?? '',
    you: voter === peer.me,
    here:
      voter === peer.me || (voter === relay.peer ? relay.up : here.get(voter)?.status === 'here'),
    signed: true,
    weight: 1,
  }))
}

function provableFacts(peer: Peer, study: StudyId): ProvableFact[] {
  const { facts } = words.decisions
  const candidates: ProvableFact[] = [
    { key: factKey.federation(), words: facts.federation },
    { key: factKey.member(peer.me), words: facts.member },
    { key: factKey.study(study), words: facts.study },
    { key: factKey.finalUnits(study), words: facts.finalUnits },
    { key: factKey.credit(peer.me), words: facts.credit },
  ]
  return candidates.filter(({ key }) => peer.ledger.state.fact(key) !== undefined)
}

/** The newest decisions, newest first. */
export async function readDecisions(peer: Peer, height: number): Promise<DecisionView[]> {
  const decisions: DecisionView[] = []
  for (let at = height; at >= 1 && decisions.length < decisionRows; at--) {
    const entry = await peer.ledger.entryAt(at)
    if (entry === undefined) continue
    const kinds = entry.ops.map(({ bytes }) => {
      const peeked = peekOperation(bytes)
      return peeked.ok ? words.session.operation(peeked.operation.kind) : '?'
    })
    decisions.push({
      height: entry.height,
      view: null,
      at: entry.time,
      words: [...new Set(kinds)].join(' · '),
      operations: entry.ops.length,
    })
  }
  return decisions
}
