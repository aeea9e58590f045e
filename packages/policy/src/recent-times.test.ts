import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecentTimes } from './recent-times.ts'

test('counts like a list that is filtered, whatever the clock does', () => {
  const step = fc.record({
    at: fc.integer({ min: 0, max: 300 }),
    window: fc.integer({ min: 0, max: 100 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const times = createRecentTimes()
      let list: number[] = []
      for (const { at, window } of steps) {
        times.add(at)
        list.push(at)
        if (window > 50) {
          times.forgetUntil(at - window)
          list = list.filter((time) => time > at - window)
        }
        expect(times.countSince(at - window)).toBe(list.filter((t) => t > at - window).length)
      }
    }),
  )
})

test('forgets a busy minute without keeping its places', () => {
  const times = createRecentTimes()
  for (let at = 0; at < 5_000; at += 1) times.add(at)
  times.forgetUntil(3_999)
  expect(times.countSince(0)).toBe(1_000)
  times.add(5_000)
  expect(times.countSince(4_999)).toBe(1)
})
