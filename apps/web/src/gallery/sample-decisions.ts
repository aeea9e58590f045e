/**
 * What a federation agreed, and who decided, as the gallery shows it.
 *
 * @module
 */
import type { DecisionView, LedgerView, ProposalView, SeatView } from '../view-model.ts'
import { words } from '../words.ts'
import { NOON, people } from './sample-study.ts'

const seat = (
  peer: string,
  nickname: string,
  state: 'signed' | 'here' | 'away' | 'signed-and-away',
): SeatView => ({
  peer,
  nickname,
  you: peer === people.you,
  here: state === 'signed' || state === 'here',
  signed: state.startsWith('signed'),
  weight: 1,
})

const { facts } = words.decisions

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
  proposals: [],
  facts: [
    { key: 'federation/', words: facts.federation },
    { key: 'member', words: facts.member },
    { key: 'study', words: facts.study },
    { key: 'final', words: facts.finalUnits },
  ],
}

const committee = [
  seat(people.relay, 'relay', 'signed'),
  seat(people.ada, 'ada', 'signed'),
  seat(people.ben, 'ben-thinkpad', 'here'),
  seat(people.you, '', 'signed'),
]

const proposals: readonly ProposalView[] = [
  {
    id: 'p1',
    words: 'Allow 500 members',
    by: people.ada,
    rule: 'two of three organisations',
    yes: 1,
    no: 0,
    expires: 240,
    mine: null,
    open: true,
  },
  {
    id: 'p2',
    words: 'Open the study “Peptides of krill”',
    by: people.chi,
    rule: 'two of three organisations',
    yes: 1,
    no: 1,
    expires: 236,
    mine: 'yes',
    open: true,
  },
]

/** Four voters, this browser among them. */
export const agreed: LedgerView = {
  ...ledger,
  epoch: 3,
  view: 23,
  voters: committee.map(({ peer }) => peer),
  seats: committee,
  quorum: 3,
  tolerates: 1,
  certificate: { height: 17, signers: 3, voters: 4 },
  role: 'voter',
  proposals,
}

/** Two of four are away: nothing can be decided. */
export const stalled: LedgerView = {
  ...agreed,
  seats: [
    seat(people.relay, 'relay', 'signed-and-away'),
    seat(people.ada, 'ada', 'signed'),
    seat(people.ben, 'ben-thinkpad', 'away'),
    seat(people.you, '', 'signed'),
  ],
  stalled: true,
  proposals: [],
}

export const decisions: readonly DecisionView[] = [
  decision(17, NOON - 4000, 'Recorded 8 units of the penguins study'),
  decision(16, NOON - 21_000, 'Recorded 12 units of the penguins study'),
  decision(15, NOON - 34_000, 'Admitted dov'),
  decision(14, NOON - 40_000, 'Admitted you and chi'),
  decision(3, NOON - 3_600_000, 'Opened the penguins study'),
  decision(1, NOON - 3_660_000, 'Founded the federation'),
]

function decision(height: number, at: number, what: string): DecisionView {
  return { height, view: height, at, words: what, operations: 1 }
}
