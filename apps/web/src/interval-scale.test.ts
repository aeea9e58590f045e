import { describe, expect, it } from 'vitest'
import { intervalScale, niceTicks } from './interval-scale.ts'

const frame = { width: 600, height: 200, left: 40, right: 10, top: 10, bottom: 20 }
const point = (doneUnits: number, half: number) => ({
  doneUnits,
  estimate: 0.075,
  low: 0.075 - half,
  high: 0.075 + half,
})

describe('the scale of a narrowing interval', () => {
  it('goes from the first unit to the last', () => {
    const { x } = intervalScale([point(1, 0.05)], 94, frame, null)
    expect(x(0)).toBe(40)
    expect(x(94)).toBe(590)
  })

  it('leaves room around the latest interval', () => {
    const { y } = intervalScale([point(9, 0.01)], 94, frame, null)
    expect(y(0.085)).toBeGreaterThan(frame.top)
    expect(y(0.065)).toBeLessThan(frame.height - frame.bottom)
  })

  it('cuts the first intervals rather than flattening the last', () => {
    const { y } = intervalScale([point(1, 10), point(94, 0.005)], 94, frame, null)
    expect(y(0.07) - y(0.08)).toBeGreaterThan(20)
  })

  it('keeps the exact value in the picture', () => {
    const { y } = intervalScale([point(94, 0.001)], 94, frame, 0.2)
    expect(y(0.2)).toBeGreaterThanOrEqual(frame.top)
  })

  it('has round ticks', () => {
    expect(niceTicks(0.02, 0.13, 4)).toEqual([0.05, 0.1])
    expect(niceTicks(1, 1, 4)).toEqual([])
  })
})
