import { describe, expect, it } from 'vitest'
import { countTiles, describeTile, legendStates, summarizeTiles } from './tile-summary.ts'
import type { Tile } from './view-model.ts'

const tile = (unit: number, state: Tile['state'], rest: Partial<Tile> = {}): Tile => ({
  unit,
  state,
  mine: 'none',
  confirmedBy: [],
  ...rest,
})

describe('tiles in words', () => {
  it('count each state and leave out what there is none of', () => {
    const tiles = [tile(0, 'final'), tile(1, 'final'), tile(2, 'provisional')]
    expect(summarizeTiles(tiles)).toBe('3 units: 1 provisional, 2 final.')
  })

  it('name a dispute in the legend only where there is one', () => {
    expect(legendStates(countTiles([tile(0, 'final')]))).toHaveLength(5)
    expect(legendStates(countTiles([tile(0, 'disputed')]))).toContain('disputed')
  })

  it('say who confirmed a unit', () => {
    const unit = tile(12, 'final', { mine: 'agreed', confirmedBy: ['…aQmX', '…98L3'] })
    expect(describeTile(unit)).toBe(
      'Unit 12: final, your result agrees, confirmed by …aQmX and …98L3',
    )
  })

  it('say why a result was not accepted', () => {
    const unit = tile(5, 'final', { mine: 'not-accepted', why: 'two others agree on 7' })
    expect(describeTile(unit)).toContain('two others agree on 7')
  })
})
