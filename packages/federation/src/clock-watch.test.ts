import { expect, test } from 'vitest'
import { lookMs, remeasureMs, watchClock } from './clock-watch.ts'

/** A clock beside a timer, and what was noticed. */
function watched() {
  const noticed: string[] = []
  let now = 1_000_000
  let tick = () => {}
  const stop = watchClock({
    clock: { now: () => now },
    timers: {
      after: () => () => {},
      every: (_, callback) => {
        tick = callback
        return () => {}
      },
    },
    setBack: (ms) => noticed.push(`back ${ms}`),
    ranAhead: () => noticed.push('ahead'),
    remeasure: () => noticed.push('remeasure'),
  })
  const pass = (ms: number) => {
    now += ms
    tick()
  }
  return { noticed, pass, stop }
}

test('a clock that keeps pace, and a timer that is late and then early as on a busy machine, are nothing', () => {
  const { noticed, pass } = watched()
  for (const late of [0, 20, 1_500, 12_000, -lookMs, 0]) pass(lookMs + late)
  expect(noticed).toEqual([])
})

test('a clock that is set back is noticed with how far, one that is set forward is noticed', () => {
  const { noticed, pass } = watched()
  pass(lookMs - 3_600_000)
  pass(lookMs)
  pass(lookMs + 3_600_000)
  expect(noticed).toEqual(['back 3600000', 'remeasure', 'ahead', 'remeasure'])
})

test('a clock that drifts is measured again after a while', () => {
  const { noticed, pass } = watched()
  for (let at = 0; at < remeasureMs / lookMs; at++) pass(lookMs)
  expect(noticed).toEqual(['remeasure'])
})
