import { describe, expect, it } from 'vitest'
import { latencyChart, rateChart } from './chart-data.ts'

describe('charts in words', () => {
  it('draw nothing before there are two values', () => {
    expect(rateChart({ bucketMs: 1000, mine: [1], all: [2] })).toBeNull()
    expect(latencyChart([])).toBeNull()
  })

  it('say the latest rates and hold them in the table, newest first', () => {
    const chart = rateChart({ bucketMs: 30_000, mine: [1, 2, 3], all: [4, 5, 6.25] })
    expect(chart?.summary).toBe('Lately 3 units a minute by you, 6.3 by everyone.')
    expect(chart?.rows[0]).toEqual(['0:00', '3', '6.3'])
    expect(chart?.rows[2]).toEqual(['1:00', '1', '4'])
  })

  it('name the stage that takes longest', () => {
    const chart = latencyChart([
      { stage: 'sign', medianMs: 2, slowMs: 5 },
      { stage: 'compute', medianMs: 980, slowMs: 1400 },
    ])
    expect(chart?.summary).toBe('compute takes longest: typically 980 ms.')
  })
})
