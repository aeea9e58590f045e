/**
 * The English texts of the Decisions view, which alone uses them and brings them along when it is
 * opened.
 *
 * @module
 */
import { plural } from './count-words.ts'

const voters = (n: number): string => plural(n, 'voter', 'voters')

const rules: Readonly<Record<string, string>> = {
  founder: 'The founder decides',
  member: 'Any member decides',
  inviter: 'Whoever invited this peer decides',
  evidence: 'Decided by evidence against this peer',
}

const mayBeAway = (n: number): string => (n === 1 ? 'One' : `${n}`)

export const decisionWords = {
  none: 'Nothing has been agreed yet.',
  alone: (who: string) => `One voter decides alone: ${who}. Everyone else checks what it signs.`,
  aloneYou: 'This browser decides alone. Everyone else checks what it signs.',
  trusted:
    'A majority of one organisation’s machines decides. They trust each other; their receipt is no proof against them.',
  committee: (n: number, votes: number, quorum: number, tolerates: number) => {
    const needed =
      votes === n
        ? `${voters(n)}, and ${quorum} of them must agree.`
        : `${voters(n)} with ${votes} votes, and ${quorum} votes must agree.`
    const what = votes === n ? mayBeAway(tolerates) : plural(tolerates, 'vote', 'votes')
    return tolerates === 0
      ? `${needed} None may be away: this tolerates no failure.`
      : `${needed} ${what} may be away, or lie, without harm.`
  },
  stalled: (here: number, quorum: number, weighted: boolean) =>
    `Nothing can be decided now: ${here} of the ${quorum} ${weighted ? 'votes' : 'voters'} that it takes ${here === 1 ? 'is' : 'are'} here.`,
  seats: 'Who decides',
  seat: {
    signed: 'signed the last decision',
    here: 'here',
    away: 'not heard of lately',
    signedAndAway: 'signed the last decision, not heard of since',
  } as const,
  seatNote:
    'A decision is complete before the last votes arrive: a seat that did not sign it was not needed.',
  weight: (votes: number) => `${votes} votes`,
  experts: 'For experts',
  engine: 'Engine',
  engines: {
    solo: 'solo: the founder’s key signs each entry',
    raft: 'raft: a majority of one organisation’s machines',
    bft: 'bft: more than two thirds of the votes',
  } as const,
  height: 'Height',
  heightHint: (height: number) => `${height}: so many entries since the founding`,
  epoch: 'Epoch',
  epochHint: (epoch: number) => `${epoch}: so many sets of voters since the founding`,
  view: 'View',
  viewHint: (view: number) => `${view}: turns to propose that this epoch has taken`,
  final: 'Last final',
  certificate: 'Last certificate',
  signedBy: (signers: number, voters: number) => `signed by ${signers} of ${voters}`,
  record: 'This copy',
  behind: 'catching up',
  upToDate: 'up to date',
  decided: 'Decided',
  heads: ['Height', 'View', 'Time', 'Decision'],
  /** Entries without operations. */
  nothing: 'Nothing new: the voters are alive',
  turned: 'The next voters take over',
  unknown: 'The record has not been reached yet.',
  verifying: 'Checking the certificate and every change of voters.',
  prove: 'Prove a fact',
  proveHint:
    'A proof leads from the fact to the last certificate. Anyone can check it offline: folkmoot ledger verify fact.folkmoot',
  otherFact: 'Another one, by its key',
  factKey: 'Key of the fact',
  factKeys:
    'member/PEER, role/PEER, checkpoint/PEER, evidence/PEER, study/ID, batch/STUDY/NUMBER, proposal/ID, voters/EPOCH. A proof may be that there is none.',
  proveThis: 'Prove it here',
  downloadFact: 'Download this proof',
  proving: 'Following the hashes from the fact to the certificate.',
  offer: {
    title: 'This browser is asked to vote',
    titleStandby: 'This browser is asked to stand by',
    text: 'A voter signs what the federation decides, with a key made for this alone that never leaves this browser. It works while this tab is open; closed, it counts as away. You can give the seat back at any time.',
    standby:
      'You would get a seat only when one falls free and fewer than four voters would be left.',
    /** What one more voter does to the others; `n` counts it. */
    size: (n: number, tolerates: number) =>
      n === 2
        ? 'There would be two voters, and nothing is decided while either is away. If this browser is lost for good, the federation has to be founded anew.'
        : tolerates === 0
          ? `There would be ${n} voters, and all ${n} are needed: nothing is decided while one is away. If one is lost for good, the federation has to be founded anew.`
          : `There would be ${n} voters. ${mayBeAway(tolerates)} of the ${n} may be away.`,
    accept: 'Accept the seat',
    decline: 'Decline',
  },
  standby:
    'You have accepted, and stand by: the seat is yours when one falls free and fewer than four voters would be left.',
  next: 'You have accepted. The seat is yours with the next change of voters.',
  voting: 'This browser votes. Keep the tab open as long as you can.',
  needed:
    'This browser votes, and nothing can be decided without it. Give the seat back before you close the tab for good.',
  resign: 'Give the seat back',
  proposals: 'Waiting for ballots',
  proposedBy: 'proposed by',
  /** A rule as the charter writes it, and how far the ballots have come. */
  asks: (rule: string, { yes, no, orgs }: { yes: number; no: number; orgs: number }): string => {
    const tally = `${yes} yes, ${no} no`
    const needed = /^(\d+) of orgs$/.exec(rule)?.[1]
    return needed === undefined
      ? `${rules[rule] ?? rule}: ${tally}`
      : `Needs ${plural(Number(needed), 'organisation', 'organisations')}; so far ${orgs} (${tally})`
  },
  lapses: (left: number) => `open for ${plural(left, 'more decision', 'more decisions')}`,
  yes: 'Yes',
  no: 'No',
  change: { before: 'Now', after: 'Then' },
  facts: {
    federation: 'this federation and its founder',
    member: 'you are a member',
    study: 'the study was opened',
    finalUnits: 'which units are final',
    credit: 'how many of your results are final',
    voters: 'who votes',
  },
}
