import type { PeerId } from '@folkmoot/identity'
import { expect, it } from 'vitest'
import { accept } from './accept.ts'
import { explain } from './explain.ts'
import { settleFinal } from './settle-final.ts'
import { votesWanted } from './votes-wanted.ts'

const rule = { kind: 'quorum', m: 2, distinct: 'peer' } as const
const vote = (peer: string, output: string) => ({
  id: `${peer}=${output}`,
  unit: 0,
  peer: peer as PeerId,
  output,
  seq: 0,
})
const final = new Map([[0, { output: 'r', results: ['a=r', 'b=r'] }]])

it('keeps a recorded unit accepted when a recorded worker signs another output later', () => {
  const votes = [vote('a', 'r'), vote('b', 'r'), vote('a', 's')]
  const judged = accept(rule, 1, () => 'root', votes)
  expect(judged.complete).toBe(false)
  const settled = settleFinal(judged, final)
  expect(settled.complete).toBe(true)
  expect(settled.units[0]).toMatchObject({
    state: 'accepted',
    by: 'ledger',
    output: 'r',
    supporters: ['a', 'b'],
    against: [],
  })
  expect(votesWanted(rule, settled.units[0]!, { spotCheck: true, settling: true })).toBe(0)
  expect(settled.equivocations).toHaveLength(1)
})

it('keeps a recorded unit accepted before its results have come, or when liars outnumber them', () => {
  expect(
    settleFinal(
      accept(rule, 1, () => 'root', []),
      final,
    ).complete,
  ).toBe(true)
  const liars = ['c', 'd', 'e'].map((peer) => vote(peer, 's'))
  const settled = settleFinal(
    accept(rule, 1, () => 'root', [vote('a', 'r'), ...liars]),
    final,
  )
  expect(settled.units[0]).toMatchObject({ output: 'r', supporters: ['a'] })
  expect(explain(settled, 0, 'c' as PeerId)).toMatch(/^not accepted/)
})

it('leaves units that are not final as they were judged', () => {
  const judged = accept(rule, 1, () => 'root', [vote('a', 'r')])
  expect(settleFinal(judged, new Map())).toBe(judged)
})
