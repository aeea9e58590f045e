/**
 * What a federation agreed, and who decided, as the gallery shows it: data as the session makes it,
 * which the product puts into words.
 *
 * @module
 */
import type { ProposedChange } from '@folkmoot/federation'
import type { PeerId } from '@folkmoot/identity'
import type {
  DecidedOperation,
  DecisionView,
  LedgerView,
  ProposalView,
  SeatView,
} from '../view-model.ts'
import { NOON, people, study } from './sample-study.ts'

type SeatState = 'signed' | 'here' | 'away' | 'signed-and-away'

const seat = (peer: string, nickname: string, state: SeatState, weight = 1): SeatView => ({
  peer,
  nickname,
  you: peer === people.you,
  here: state === 'signed' || state === 'here',
  signed: state.startsWith('signed'),
  weight,
})

/** One voter, as every federation begins. */
export const ledger: LedgerView = {
  engine: 'bft',
  epoch: 1,
  height: 17,
  view: 17,
  voters: [people.relay],
  finalAtMs: NOON - 4000,
  behind: false,
  seats: [seat(people.relay, 'relay', 'signed')],
  quorum: 1,
  tolerates: 0,
  stalled: false,
  certificate: { height: 17, signers: 1, voters: 1 },
  role: 'observer',
  offer: null,
  stopped: null,
  proposals: [],
  facts: [
    { key: 'federation/', what: 'federation' },
    { key: 'member', what: 'member' },
    { key: 'study', what: 'study' },
    { key: 'final', what: 'finalUnits' },
  ],
}

/** These decide, with equal votes. */
function decidedBy(seats: readonly SeatView[], more: Partial<LedgerView> = {}): LedgerView {
  const votes = seats.reduce((sum, { weight }) => sum + weight, 0)
  const quorum = Math.floor((2 * votes) / 3) + 1
  const here = seats.reduce((sum, each) => sum + (each.here ? each.weight : 0), 0)
  return {
    ...ledger,
    epoch: seats.length,
    view: 4,
    voters: seats.map(({ peer }) => peer),
    seats,
    quorum,
    tolerates: votes - quorum,
    stalled: here < quorum,
    certificate: {
      height: 17,
      signers: seats.filter(({ signed }) => signed).length,
      voters: seats.length,
    },
    role: seats.some(({ you }) => you) ? 'voter' : 'observer',
    ...more,
  }
}

const relay = seat(people.relay, 'relay', 'signed')
const ada = seat(people.ada, 'ada', 'signed')
const ben = seat(people.ben, 'ben-thinkpad', 'here')
const you = seat(people.you, '', 'signed')

const proposal = (
  id: string,
  by: string,
  change: ProposedChange,
  more: Partial<ProposalView> = {},
): ProposalView => ({
  id,
  change,
  kind: change.kind,
  by,
  rule: '2 of orgs',
  tally: { yes: 1, no: 0, orgs: 1 },
  left: 223,
  mine: null,
  open: true,
  ...more,
})

const peer = (id: string) => id as PeerId

const proposals: readonly ProposalView[] = [
  proposal('p1', people.ada, {
    kind: 'charter.amend',
    changes: [
      { part: 'limit', name: 'members', before: 100, after: 500 },
      { part: 'rule', action: 'study.open', before: 'founder', after: '2 of orgs' },
      {
        part: 'text',
        field: 'privacy',
        before: 'Peer ids and results are public.',
        after:
          'Peer ids and results are public. IP addresses are seen by peers and are not recorded.',
      },
    ],
  }),
  proposal(
    'p2',
    people.chi,
    { kind: 'study.open', study: 'b7c1'.repeat(16), title: 'Peptides of krill' },
    { tally: { yes: 1, no: 1, orgs: 1 }, mine: 'no', left: 1 },
  ),
  proposal(
    'p3',
    people.ada,
    { kind: 'member.revoke', peer: peer(people.dov), reason: 'asked to be removed' },
    { rule: 'founder', left: 9_981 },
  ),
  proposal(
    'p4',
    people.ben,
    { kind: 'voter.offer', peer: peer(people.chi), org: 'Palmer Station', seat: true },
    { tally: { yes: 2, no: 1, orgs: 1 }, mine: 'yes' },
  ),
]

/** Four voters, this browser among them. */
export const agreed: LedgerView = decidedBy([relay, ada, ben, you], { proposals })

/** Two of four are away: nothing can be decided. */
export const stalled: LedgerView = decidedBy([
  { ...relay, here: false },
  ada,
  seat(people.ben, 'ben-thinkpad', 'away'),
  you,
])

/** Of two voters both are needed, and this browser is one of them. */
export const two: LedgerView = decidedBy([relay, you])

/** A tab was the first to be asked beside the relay. */
export const offered: LedgerView = {
  ...ledger,
  role: 'offered',
  offer: { seat: true, voters: 2, tolerates: 0 },
}

export const offeredThird: LedgerView = {
  ...decidedBy([relay, ada]),
  role: 'offered',
  offer: { seat: true, voters: 3, tolerates: 0 },
}

export const offeredFifth: LedgerView = {
  ...decidedBy([relay, ada, ben, seat(people.chi, 'chi', 'signed')]),
  role: 'offered',
  offer: { seat: true, voters: 5, tolerates: 1 },
}

export const offeredStandby: LedgerView = {
  ...offeredFifth,
  offer: { seat: false, voters: 5, tolerates: 1 },
}

export const standby: LedgerView = { ...offeredFifth, role: 'standby', offer: null }

/** The others remember votes of this browser that it does not. */
export const stopped: LedgerView = {
  ...decidedBy([relay, ada, { ...ben, signed: true }, { ...you, signed: false }]),
  role: 'stopped',
  stopped: { code: 'consensus-bft/amnesia', all: false },
}

export const raft: LedgerView = decidedBy([relay, ada, seat(people.ben, 'relay-b', 'signed')], {
  engine: 'raft',
  view: 0,
  quorum: 2,
  tolerates: 1,
  stalled: false,
})

/** The relay gave its seat back: one tab decides. */
export const loneTab: LedgerView = decidedBy([ada], { epoch: 3 })

/** Who has more votes is missed more. */
export const weighted: LedgerView = decidedBy([
  seat(people.relay, 'relay', 'signed-and-away', 3),
  seat(people.ada, 'ada', 'signed', 2),
  seat(people.chi, 'chi', 'signed', 2),
  { ...you, weight: 1 },
])

const done = (kind: string, more: Partial<DecidedOperation> = {}): DecidedOperation => ({
  kind,
  refused: false,
  by: people.relay,
  about: null,
  nickname: '',
  title: null,
  units: null,
  action: '',
  ...more,
})

const { title } = study

/** As one voter, the relay, came to decide them. */
export const decisions: readonly DecisionView[] = [
  decision(17, NOON - 4000, [done('study.batch', { title, units: 8 })]),
  decision(16, NOON - 21_000, [done('study.batch', { title, units: 12 })]),
  decision(15, NOON - 34_000, [admitted(people.dov, 'dov')]),
  decision(14, NOON - 40_000, [admitted(people.you, ''), admitted(people.chi, 'chi')]),
  decision(3, NOON - 3_600_000, [done('study.open', { title })]),
  decision(1, NOON - 3_660_000, [done('federation.found')]),
]

/** The same, and how the last voter came to vote: a seat is an epoch of its own, whose views begin at one. */
const decisionsOf = (last: string): readonly DecisionView[] => [
  decision(17, NOON - 4000, [done('study.batch', { title, units: 8 })], 4),
  decision(16, NOON - 21_000, [done('propose', { by: people.ada, action: 'charter.amend' })], 3),
  decision(15, NOON - 34_000, [done('ballot', { by: last })], 2),
  { ...decision(14, NOON - 40_000, [], 6), turned: true },
  decision(13, NOON - 41_000, [done('voter.accept', { by: last })], 5),
  decision(12, NOON - 64_000, [admitted(people.dov, 'dov'), admitted(people.chi, 'chi')], 4),
  decision(3, NOON - 3_600_000, [done('study.open', { title })], 3),
  decision(1, NOON - 3_660_000, [done('federation.found')], 1),
]

/** The last was this browser, or somebody else. */
export const decisionsOfFour = decisionsOf(people.you)
export const decisionsOfOthers = decisionsOf(people.ada)

function admitted(about: string, nickname: string): DecidedOperation {
  return done('member.admit', { about, nickname })
}

function decision(
  height: number,
  at: number,
  operations: readonly DecidedOperation[],
  view = height,
): DecisionView {
  return { height, view, at, operations, turned: false }
}
