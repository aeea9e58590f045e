/**
 * The studies that the ledger holds, as the study service asks for them.
 *
 * @module
 */
import type { StudyId } from '@folkmoot/studies'
import type { LedgerStudy } from '../studies/study-service.ts'
import type { SharedLedger } from './shared-ledger.ts'

/** As they are now. */
export function ledgerStudies(ledger: SharedLedger): readonly LedgerStudy[] {
  const state = ledger.state.state()
  return [...state.studies.keys()].flatMap((id) => {
    const study = state.study(id)
    if (study === undefined) return []
    return [
      {
        study: id as StudyId,
        manifest: study.manifest,
        opener: study.opener,
        expires: study.expires,
        open: !study.closed,
        finalUnits: study.finalUnits,
        batches: study.recorded.map((batch) => batch.root),
      },
    ]
  })
}
