/**
 * English texts: what comes of checks and reports.
 *
 * @module
 */
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
      `Height ${height}: ${signers} of ${voters} signatures checked here, and ${
        epochs < 2
          ? 'these voters are the charter’s own'
          : `${epochs === 2 ? 'the change' : `each of the ${epochs - 1} changes`} of voters since the charter`
      }.`,
    confirmed: (confirmedBy: number, answered: number) =>
      answered === 0
        ? 'No other peer could be asked.'
        : `${confirmedBy} of ${plural(answered, 'other peer', 'other peers')} asked ${confirmedBy === 1 ? 'proves' : 'prove'} the same history.`,
    stale:
      'The newest decision is older than two heartbeats of the voters: there may be newer ones that have not come here.',
    forked:
      'Two different histories were decided, and both are signed. The voters whom the proof convicts were reported.',
    factProven: (steps: number, height: number, isHeld = true) =>
      `${isHeld ? '' : 'No such fact. '}Proven: ${plural(steps, 'step', 'steps')} lead to the state that was certified at height ${height}.`,
    auditVerified: (size: number) => `${plural(size, 'entry', 'entries')}: whole and unchanged.`,
    reported: 'Your report is on the ledger; the operator can see it.',
  },
}
