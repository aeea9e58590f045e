/**
 * What the study service asks of the ledger and of the neighbourhood, answered for one peer.
 *
 * @module
 */

import type { PeerId } from '@folkmoot/identity'
import { creditedRoot } from '../ledger/credited-root.ts'
import { ledgerStudies } from '../ledger/ledger-studies.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import type { Neighbourhood } from '../neighbourhood.ts'
import type { StudyServiceInit } from './study-service.ts'

export interface StudySourcesInit {
  readonly ledger: SharedLedger
  readonly neighbourhood: Neighbourhood
  readonly me: PeerId
}

type StudySources = Pick<
  StudyServiceInit,
  'rootOf' | 'studies' | 'height' | 'present' | 'home' | 'records' | 'submitBatch'
>

export function studySources({ ledger, neighbourhood, me }: StudySourcesInit): StudySources {
  /** One of those who decide at a time: the founder while it is here, else the first that is. */
  const recorder = (): PeerId | undefined => {
    const { founder } = ledger.state.charter
    const voters = ledger.voters()
    return [founder, ...voters].find((peer) => voters.includes(peer) && neighbourhood.isUp(peer))
  }
  return {
    rootOf: (peer) => creditedRoot(ledger.state, peer),
    studies: () => ledgerStudies(ledger),
    height: () => ledger.status().height,
    present: neighbourhood.members,
    home: neighbourhood.home,
    records: () => ledger.decides() && recorder() === me,
    submitBatch: (batch) =>
      ledger.submit({
        kind: 'study.batch',
        body: {
          study: batch.study,
          root: batch.root,
          count: batch.units.length,
          units: batch.units.map((unit) => unit.unit),
          credits: batch.credits.map(([peer, count]) => [peer, count]),
        },
      }),
  }
}
