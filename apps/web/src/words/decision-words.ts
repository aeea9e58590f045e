/**
 * The English texts of the Decisions view.
 *
 * @module
 */
const voters = (n: number): string => `${n} voters`

const rules: Readonly<Record<string, string>> = {
  founder: 'the founder decides',
  member: 'any member decides',
  inviter: 'who invited decides',
  evidence: 'evidence decides',
}

export const decisionWords = {
  none: 'Nothing has been agreed yet.',
  alone: 'One voter: the relay decides alone. Everyone else checks what it signs.',
  trusted:
    'A majority of one organisation’s machines decides. They trust each other; their receipt is no proof against them.',
  committee: (n: number, quorum: number, tolerates: number) =>
    tolerates === 0
      ? `${voters(n)}, and ${quorum} of them must agree. None may be away: this tolerates no failure.`
      : `${voters(n)}, and ${quorum} of them must agree. ${tolerates === 1 ? 'One' : tolerates} may be away, or lie, without harm.`,
  stalled: (here: number, quorum: number) =>
    `Nothing can be decided now: ${here} of the ${quorum} voters that it takes ${here === 1 ? 'is' : 'are'} here.`,
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
  engine: 'Engine',
  engines: {
    solo: 'solo: the founder’s key signs each entry',
    raft: 'raft: a majority of one organisation’s machines',
    bft: 'bft: more than two thirds of the voters',
  } as const,
  height: 'Height',
  epoch: 'Epoch',
  view: 'View',
  voters: 'Voters',
  final: 'Last final',
  certificate: 'Last certificate',
  signedBy: (signers: number, voters: number) => `signed by ${signers} of ${voters}`,
  behind: 'this tab is catching up',
  upToDate: 'up to date',
  heads: ['Height', 'View', 'Time', 'Decision'],
  /** Entries without operations. */
  nothing: 'Nothing new: the voters are alive',
  turned: 'The next voters take over',
  /** A rule as the charter writes it. */
  rule: (rule: string): string => {
    const orgs = /^(\d+) of orgs$/.exec(rule)?.[1]
    if (orgs !== undefined) return orgs === '1' ? 'one organisation' : `${orgs} organisations`
    return rules[rule] ?? rule
  },
  unknown: 'The record has not been reached yet.',
  verifying: 'Checking the certificate and every change of voters.',
  prove: 'Prove a fact',
  proveHint: 'A proof leads from the fact to the last certificate. Anyone can check it offline.',
  proveThis: 'Prove it here',
  downloadFact: 'Download this proof',
  proving: 'Following the hashes from the fact to the certificate.',
  offer: {
    title: 'The operator asks this browser to vote',
    text: 'A voter signs what the federation decides, with a key made for this alone that never leaves this browser. It works while this tab is open; closed, it counts as away. You can give the seat back at any time.',
    accept: 'Accept the seat',
    decline: 'Decline',
  },
  standby: 'You have accepted. The seat is yours with the next change of voters.',
  voting: 'This browser votes. Keep the tab open as long as you can.',
  resign: 'Give the seat back',
  proposals: 'Waiting for ballots',
  proposedBy: 'proposed by',
  tally: (yes: number, no: number) => `${yes} yes, ${no} no`,
  lapses: (height: number) => `lapses after height ${height}`,
  yes: 'Yes',
  no: 'No',
  yours: { yes: 'you said yes', no: 'you said no' } as const,
  facts: {
    federation: 'this federation and its founder',
    member: 'you are a member',
    study: 'the study was opened',
    finalUnits: 'which units are final',
    credit: 'how many of your results are final',
    voters: 'who votes',
  },
}
