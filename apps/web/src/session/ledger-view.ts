/**
 * What was agreed, and by whom, as the page shows it; the words are the view's.
 *
 * @module
 */
import {
  type FinalEntry,
  proofSigners,
  requiredWeight,
  totalWeight,
  type VoterSet,
} from '@folkmoot/consensus'
import { type Peer, proposedChange } from '@folkmoot/federation'
import type { PeerId } from '@folkmoot/identity'
import { factKey, type LedgerState, type RoleFact } from '@folkmoot/ledger'
import type { StudyId } from '@folkmoot/studies'
import type {
  LedgerView,
  OfferView,
  ProposalView,
  ProvableFact,
  SeatView,
  StoppedView,
  VotingRole,
} from '../view-model.ts'
import { viewOf } from './decided.ts'

/** `newest` is the newest entry as far as it was read. */
export function ledgerView(
  peer: Peer,
  study: StudyId,
  newest: FinalEntry | undefined,
  proposals: readonly ProposalView[],
): LedgerView {
  const status = peer.ledger.status()
  const signed =
    newest === undefined
      ? new Set<string>()
      : new Set<string>(proofSigners(peer.ledger.anchor(), newest.proof))
  const seats = seatsOf(peer, signed)
  const set = peer.ledger.voterSet()
  const quorum = set === null ? 1 : requiredWeight(set)
  const present = seats.reduce((sum, seat) => sum + (seat.here ? seat.weight : 0), 0)
  const stopped = stoppedOf(status)
  const { voting } = peer.ledger.state.state()
  const fact = voting.roles.get(peer.me)
  const seated = seats.some(({ you }) => you)
  const role = roleOf({ seated, role: fact, engine: set?.engine, stopped })
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
    role,
    offer: role === 'offered' ? offerOf(fact, voting.seats.peers.length || seats.length) : null,
    stopped,
    proposals,
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

function stoppedOf({
  halted,
  votingHalted,
}: ReturnType<Peer['ledger']['status']>): StoppedView | null {
  if (halted !== undefined) return { code: halted.code, all: true }
  return votingHalted === undefined ? null : { code: votingHalted.code, all: false }
}

interface Part {
  readonly seated: boolean
  /** What the ledger holds of this browser's role, if anything. */
  readonly role: Pick<RoleFact, 'state'> | undefined
  readonly engine: VoterSet['engine'] | undefined
  readonly stopped: StoppedView | null
}

/** What a browser does in agreement. */
export function roleOf({ seated, role, engine, stopped }: Part): VotingRole {
  if (seated) return stopped === null ? 'voter' : 'stopped'
  if (role === undefined) return 'observer'
  if (role.state === 'seated') return 'next'
  if (role.state === 'standby') return 'standby'
  // Under raft only relays take seats: what a tab cannot accept it is not offered.
  return engine === 'raft' ? 'observer' : 'offered'
}

/** `seats` are those of the next voters, without this browser's. */
export function offerOf(role: Pick<RoleFact, 'seat'> | undefined, seats: number): OfferView {
  const voters = seats + 1
  // Of equal votes; a quorum is more than two thirds of them.
  const quorum = Math.floor((2 * voters) / 3) + 1
  return { seat: role?.seat === true, voters, tolerates: voters - quorum }
}

/** Those on which a ballot may still be cast after `height`, the newest entry. */
export function openProposals(state: LedgerState, me: PeerId, height: number): ProposalView[] {
  // An observer's ballot does not count.
  const open = state.isMember(me) && state.members.get(me)?.role === 'member'
  return state.voting.proposals
    .filter((proposal) => proposal.state === 'open' && proposal.expires > height)
    .map(({ id, kind, action, by, rule, ballots, tally, expires }) => {
      const own = ballots.find(([voter]) => voter === me)
      return {
        id,
        change: proposedChange(action, state),
        kind,
        by,
        rule,
        tally,
        left: expires - height,
        mine: own === undefined ? null : own[1] ? 'yes' : 'no',
        open,
      }
    })
}

function provableFacts(peer: Peer, study: StudyId): ProvableFact[] {
  const candidates: ProvableFact[] = [
    { key: factKey.federation(), what: 'federation' },
    { key: factKey.member(peer.me), what: 'member' },
    { key: factKey.study(study), what: 'study' },
    { key: factKey.finalUnits(study), what: 'finalUnits' },
    { key: factKey.credit(peer.me), what: 'credit' },
    { key: factKey.voters(peer.ledger.status().epoch), what: 'voters' },
  ]
  return candidates.filter(({ key }) => peer.ledger.state.fact(key) !== undefined)
}
