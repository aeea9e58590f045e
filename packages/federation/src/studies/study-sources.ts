/**
 * What the study service asks of the ledger and of the neighbourhood, answered for one peer.
 *
 * @module
 */

import { creditedRoot } from '../ledger/credited-root.ts'
import { ledgerStudies } from '../ledger/ledger-studies.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import type { Neighbourhood } from '../neighbourhood.ts'
import type { StudyServiceInit } from './study-service.ts'

export interface StudySourcesInit {
  readonly ledger: SharedLedger
  readonly neighbourhood: Neighbourhood
  /** This peer records batches of final results. */
  readonly records: boolean
}

type StudySources = Pick<
  StudyServiceInit,
  'rootOf' | 'studies' | 'height' | 'present' | 'home' | 'submitBatch'
>

export function studySources({ ledger, neighbourhood, records }: StudySourcesInit): StudySources {
  return {
    rootOf: (peer) => creditedRoot(ledger.state, peer),
    studies: () => ledgerStudies(ledger),
    height: () => ledger.status().height,
    present: neighbourhood.members,
    home: neighbourhood.home,
    submitBatch: records
      ? (batch) =>
          ledger.submit({
            kind: 'study.batch',
            body: {
              study: batch.study,
              root: batch.root,
              count: batch.units.length,
              units: batch.units.map((unit) => unit.unit),
              credits: batch.credits.map(([peer, count]) => [peer, count]),
            },
          })
      : null,
  }
}
