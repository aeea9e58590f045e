/**
 * English texts: what comes of checks and reports, and how entries of the ledger are called.
 *
 * @module
 */
import type { Action, Operation } from '@folkmoot/ledger'
import { list, plural } from './count-words.ts'

export const sessionWords = {
  session: {
    verified: (
      final: number,
      units: number,
      workers: number,
      recomputed: readonly number[],
    ): string => {
      const again =
        recomputed.length === 0
          ? ''
          : ` Units ${list(recomputed.map(String))} computed again: the same.`
      return `${final} of ${plural(units, 'unit', 'units')}, from ${plural(workers, 'volunteer', 'volunteers')}, verified here.${again}`
    },
    decisionsVerified: (height: number, signers: number, voters: number, epochs: number) =>
      `Height ${height}: ${signers} of ${voters} signatures checked here, and ${plural(epochs, 'set', 'sets')} of voters back to the charter.`,
    confirmed: (confirmedBy: number, answered: number) =>
      answered === 0
        ? 'No other peer could be asked.'
        : `${confirmedBy} of ${plural(answered, 'other peer', 'other peers')} asked ${confirmedBy === 1 ? 'proves' : 'prove'} the same history.`,
    stale:
      'The newest decision is older than two heartbeats of the voters: there may be newer ones that have not come here.',
    forked:
      'Two different histories were decided, and both are signed. The voters whom the proof convicts were reported.',
    factProven: (steps: number, height: number) =>
      `Proven: ${plural(steps, 'step', 'steps')} lead to the state that was certified at height ${height}.`,
    auditVerified: (size: number) => `${plural(size, 'entry', 'entries')}: whole and unchanged.`,
    reported: 'Your report is on the ledger; the operator can see it.',
    operation: (kind: Operation['kind']): string => operationWords[kind],
    /** A kind that came later than this page is shown as it is called. */
    action: (kind: string): string =>
      (actionWords as Readonly<Record<string, string>>)[kind] ?? kind,
    proposed: (action: Action['kind']): string => `Proposed: ${actionWords[action]}`,
    refused: (what: string): string => `${what} (refused)`,
    unreadable: 'Something that this page cannot read',
  },
}

/** What the ledger recorded, by kind of operation. */
const operationWords: Readonly<Record<Operation['kind'], string>> = {
  'federation.found': 'Federation founded',
  'invitation.create': 'Invitation issued',
  'invitation.revoke': 'Invitation withdrawn',
  'member.admit': 'Member admitted',
  'member.leave': 'Member left',
  'member.revoke': 'Key revoked',
  'study.open': 'Study opened',
  'study.close': 'Study closed',
  'study.batch': 'Results made final',
  'audit.checkpoint': 'Audit checkpoint anchored',
  'voter.key': 'Vote key registered',
  'voter.accept': 'Seat accepted',
  'voter.resign': 'Seat given back',
  'voter.overdue': 'Voter overdue',
  evidence: 'A liar named by evidence',
  propose: 'Proposal made',
  ballot: 'Ballot cast',
  report: 'Study reported',
}

/** What is proposed, by kind of action. */
const actionWords: Readonly<Record<Action['kind'], string>> = {
  'invitation.create': 'Issue an invitation',
  'study.open': 'Open a study',
  'study.close': 'Close a study',
  'member.revoke': 'Revoke a member’s key',
  'voter.offer': 'Offer a seat',
  'voter.remove': 'Take a seat away',
  'voter.rotate': 'Give the voters new keys',
  'charter.amend': 'Amend the charter',
  'engine.change': 'Let voters decide instead of the founder',
}
