/**
 * What was agreed, and by whom, as the page shows it.
 *
 * @module
 */
import {
  type FinalEntry,
  parseHeader,
  proofSigners,
  requiredWeight,
  totalWeight,
} from '@folkmoot/consensus'
import type { Peer } from '@folkmoot/federation'
import { factKey, peekOperation } from '@folkmoot/ledger'
import type { StudyId } from '@folkmoot/studies'
import type {
  DecisionView,
  LedgerView,
  ProposalView,
  ProvableFact,
  SeatView,
  VotingRole,
} from '../view-model.ts'
import { words } from '../words.ts'

const decisionRows = 24

/** `newest` is the newest entry as far as it was read. */
export function ledgerView(peer: Peer, study: StudyId, newest: FinalEntry | undefined): LedgerView {
  const status = peer.ledger.status()
  const signed =
    newest === undefined
      ? new Set<string>()
      : new Set<string>(proofSigners(peer.ledger.anchor(), newest.proof))
  const seats = seatsOf(peer, signed)
  const set = peer.ledger.voterSet()
  const quorum = set === null ? 1 : requiredWeight(set)
  const present = seats.reduce((sum, seat) => sum + (seat.here ? seat.weight : 0), 0)
  return {
    engine: status.kind,
    epoch: status.epoch,
    height: status.height,
    view: newest === undefined ? 0 : (viewOf(newest) ?? 0),
    voters: seats.map((seat) => seat.peer),
    finalAtMs: peer.ledger.finalAt(),
    behind: peer.ledger.behind(),
    seats,
    quorum,
    tolerates: set === null ? 0 : totalWeight(set) - quorum,
    // Of a lone voter the page says that the relay is away.
    stalled: seats.length > 1 && present < quorum,
    certificate:
      newest === undefined
        ? null
        : { height: newest.height, signers: signed.size, voters: seats.length },
    role: roleOf(peer),
    proposals: proposalsOf(peer),
    facts: provableFacts(peer, study),
  }
}

function seatsOf(peer: Peer, signed: ReadonlySet<string>): SeatView[] {
  const present = new Map(peer.present().map((entry) => [entry.peer, entry]))
  const linked = new Set(peer.transport.links().map((link) => link.peer))
  const set = peer.ledger.voterSet()
  return peer.ledger.voters().map((voter, index) => ({
    peer: voter,
    nickname: present.get(voter)?.nickname ?? '',
    you: voter === peer.me,
    here: voter === peer.me || linked.has(voter) || present.get(voter)?.status === 'here',
    signed: signed.has(voter),
    weight: set?.voters[index]?.weight ?? 1,
  }))
}

function viewOf({ header }: FinalEntry): number | null {
  const parsed = parseHeader(header)
  return parsed.ok ? (parsed.header.bft?.view ?? null) : null
}

function roleOf(peer: Peer): VotingRole {
  if (peer.ledger.voters().includes(peer.me)) return 'voter'
  const role = peer.ledger.state.state().voting.roles.get(peer.me)
  return role === undefined ? 'observer' : role.state === 'offered' ? 'offered' : 'standby'
}

function proposalsOf(peer: Peer): ProposalView[] {
  const state = peer.ledger.state.state()
  const open = state.voting.proposals.filter((proposal) => proposal.state === 'open')
  return open.map(({ id, kind, by, rule, ballots, expires }) => {
    const own = ballots.find(([voter]) => voter === peer.me)
    return {
      id,
      words: words.session.action(kind),
      by,
      rule: words.decisions.rule(rule),
      yes: ballots.filter(([, yes]) => yes).length,
      no: ballots.filter(([, yes]) => !yes).length,
      expires,
      mine: own === undefined ? null : own[1] ? 'yes' : 'no',
      open: state.isMember(peer.me),
    }
  })
}

function provableFacts(peer: Peer, study: StudyId): ProvableFact[] {
  const { facts } = words.decisions
  const candidates: ProvableFact[] = [
    { key: factKey.federation(), words: facts.federation },
    { key: factKey.member(peer.me), words: facts.member },
    { key: factKey.study(study), words: facts.study },
    { key: factKey.finalUnits(study), words: facts.finalUnits },
    { key: factKey.credit(peer.me), words: facts.credit },
    { key: factKey.voters(peer.ledger.status().epoch), words: facts.voters },
  ]
  return candidates.filter(({ key }) => peer.ledger.state.fact(key) !== undefined)
}

/** The newest entries, newest first; what was read before is not read again. */
export async function readEntries(
  peer: Peer,
  height: number,
  before: readonly FinalEntry[],
): Promise<FinalEntry[]> {
  const entries: FinalEntry[] = []
  for (let at = height; at >= 1 && entries.length < decisionRows; at--) {
    if (at === before[0]?.height) return [...entries, ...before].slice(0, decisionRows)
    const entry = await peer.ledger.entryAt(at)
    if (entry !== undefined) entries.push(entry)
  }
  return entries
}

function operationInWords(bytes: Uint8Array): string {
  const peeked = peekOperation(bytes)
  if (!peeked.ok) return words.session.unreadable
  const { operation } = peeked
  return operation.kind === 'propose'
    ? words.session.proposed(operation.body.action.kind)
    : words.session.operation(operation.kind)
}

export function decisionView(entry: FinalEntry): DecisionView {
  const kinds = entry.ops.map(({ bytes, outcome }) => {
    const what = operationInWords(bytes)
    return outcome.ok ? what : words.session.refused(what)
  })
  const parsed = parseHeader(entry.header)
  const header = parsed.ok ? parsed.header : undefined
  const silence = header?.nextSetHash ? words.decisions.turned : words.decisions.nothing
  return {
    height: entry.height,
    view: header?.bft?.view ?? null,
    at: entry.time,
    words: kinds.length === 0 ? silence : [...new Set(kinds)].join(' · '),
    operations: entry.ops.length,
  }
}
