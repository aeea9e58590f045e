import { expect, it } from 'vitest'
import { textFacts, textTable } from './text-table.ts'

it('gives a terminal no control characters of what peers wrote', () => {
  const hostile = 'ada\u001b[2J\u202ebob\nroot'
  expect(textFacts([['nickname', hostile]])).toBe('nickname  ada [2J bob root')
  expect(textTable(['who'], [[hostile]])).toBe('who\nada [2J bob root')
})
