import type { Peer } from '@folkmoot/federation'
import { expect, it } from 'vitest'
import { offeredStudies } from './offered-studies.ts'

function peerWith(finals: readonly number[]): Peer {
  const rooms = finals.map((_, study) => ({
    study,
    manifestBytes: Uint8Array.of(study),
    acceptance: () => ({ complete: false }),
  }))
  const study = (id: number) => ({ final: finals[id], units: 1, closed: false })
  return {
    studies: { rooms: () => rooms },
    ledger: { state: { state: () => ({ study }) } },
  } as unknown as Peer
}

it('offers open studies before finished ones, and no more than a page reads', () => {
  const offered = offeredStudies(peerWith([...Array(50).fill(1), ...Array(50).fill(0)]))
  expect(offered.map(({ state }) => state)).toEqual([
    ...Array(32).fill('open'),
    ...Array(8).fill('recorded'),
  ])
  expect(offered.at(-1)!.manifest).toEqual(Uint8Array.of(49))
})

it('offers what was finished while newer ones were, so that a tab finds the study that it agreed to', () => {
  const offered = offeredStudies(peerWith([1, 1, 0]))
  expect(offered.map(({ manifest }) => manifest[0])).toEqual([2, 0, 1])
})

it('offers nothing where nothing is', () => {
  expect(offeredStudies(peerWith([]))).toEqual([])
})
