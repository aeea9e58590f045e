/**
 * What a volunteer may read before joining: signed manifests of the studies that take work, and of
 * the newest that do not: a page has something to show when all are done, and who comes back to one
 * that was finished meanwhile is not asked about another.
 *
 * @module
 */
import type { Peer } from '@folkmoot/federation'

/** A page reads 64 at the most. */
const maxOpen = 32
const maxFinished = 8

export interface OfferedStudy {
  readonly manifest: Uint8Array
  readonly state: 'open' | 'complete' | 'recorded' | 'closed'
}

export function offeredStudies(peer: Pick<Peer, 'ledger' | 'studies'>): OfferedStudy[] {
  const state = peer.ledger.state.state()
  const all = peer.studies.rooms().map(({ study, manifestBytes, acceptance }): OfferedStudy => {
    const fact = state.study(study)
    const recorded = fact !== undefined && fact.final === fact.units
    return {
      manifest: manifestBytes,
      state: recorded
        ? 'recorded'
        : fact?.closed === true
          ? 'closed'
          : acceptance().complete
            ? 'complete'
            : 'open',
    }
  })
  const open = all.filter((study) => study.state === 'open').slice(0, maxOpen)
  return [...open, ...all.filter((study) => study.state !== 'open').slice(-maxFinished)]
}
