import type { PeerId } from '@folkmoot/identity'
import { expect, it } from 'vitest'
import { accept } from './accept.ts'
import { explain } from './explain.ts'
import { isSettling, votesWanted } from './votes-wanted.ts'

const peer = (name: string) => name as PeerId
const rule = { kind: 'quorum', m: 2, distinct: 'peer' } as const
const vote = (name: string, output: string, unit = 0) => ({
  id: `${name}${unit}${output}`,
  unit,
  peer: peer(name),
  output,
  seq: 0,
})
const judge = (...list: ReturnType<typeof vote>[]) => accept(rule, 2, () => 'root', list)

it('tells a lying peer that others agreed on another result', () => {
  const acceptance = judge(vote('a', 'r'), vote('b', 'r'), vote('liar', 's'))
  expect(explain(acceptance, 0, peer('liar'))).toBe(
    'not accepted: two others agreed on another result',
  )
  expect(explain(acceptance, 0, peer('a'))).toBe('accepted: one other agreed')
})

it('tells a lonely peer what it waits for', () => {
  expect(explain(judge(vote('a', 'r')), 0, peer('a'))).toBe(
    'waiting for somebody else to compute the same unit',
  )
})

it('tells both sides of a tie that more results are needed', () => {
  const tie = judge(vote('a', 'r'), vote('b', 's'))
  expect(explain(tie, 0, peer('a'))).toMatch(/undecided/)
  expect(votesWanted(rule, tie.units[0]!, { spotCheck: false, settling: false })).toBe(1)
})

it('tells an equivocator that neither result counts', () => {
  expect(explain(judge(vote('a', 'r'), vote('a', 's')), 0, peer('a'))).toMatch(/neither counts/)
})

it('wants as many votes as the quorum lacks, and a second voice for what is left at the end', () => {
  const wanting = { spotCheck: false, settling: false }
  const { units } = judge(vote('a', 'r'))
  expect(units.map((unit) => votesWanted(rule, unit, wanting))).toEqual([1, 2])
  const audit = { kind: 'audit', p: 0, window: 9, distinct: 'peer' } as const
  const lonely = accept(audit, 1, () => 'root', [vote('a', 'r')])
  expect(votesWanted(audit, lonely.units[0]!, wanting)).toBe(0)
  expect(isSettling(lonely)).toBe(true)
  expect(votesWanted(audit, lonely.units[0]!, { ...wanting, settling: true })).toBe(1)
})
