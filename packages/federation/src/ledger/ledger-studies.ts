/**
 * The studies that the ledger holds, as the study service asks for them.
 *
 * @module
 */
import type { StudyId } from '@folkmoot/studies'
import type { LedgerStudy } from '../studies/study-service.ts'
import type { SharedLedger } from './shared-ledger.ts'

/** A live list: `isFinal` follows the ledger. */
export function ledgerStudies(ledger: SharedLedger): readonly LedgerStudy[] {
  const state = ledger.state.state()
  return [...state.studies.keys()].flatMap((id) => {
    const study = state.study(id)
    if (study === undefined) return []
    return [
      {
        study: id as StudyId,
        manifest: study.manifest,
        open: !study.closed,
        isFinal: (unit: number) => study.finalUnits.has(unit),
        finalCount: study.final,
        batches: study.recorded.map((batch) => batch.root),
      },
    ]
  })
}
