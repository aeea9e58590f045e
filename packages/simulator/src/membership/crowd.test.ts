import { expect, test } from 'vitest'
import { falseDeaths, measureCrowd } from './measure-crowd.ts'

test('all of a small crowd learn of a join by gossip and of a death by suspicion', () => {
  const { joinMs, deathMs, firstDeathMs } = measureCrowd({ seed: 1, peers: 30 })
  expect(joinMs).toBeLessThan(2 * Math.log2(30) * 150)
  expect(deathMs).toBeLessThan(60_000)
  expect(firstDeathMs).toBeGreaterThan(5_000)
})

test('a crowd of whom only some run the core learns the same', () => {
  const { joinMs, deathMs } = measureCrowd({ seed: 1, peers: 200, watchers: 20 })
  expect(joinMs).toBeLessThan(2 * Math.log2(200) * 150)
  expect(deathMs).toBeLessThan(60_000)
})

test('of 1,000 peers each sends at most 1 KB/s of presence, and a join is answered by a few', () => {
  const figures = measureCrowd({ seed: 2, peers: 1_000, watchers: 50 })
  const recordBytes = 450
  const perSecond = (figures.copiesPerRecord * figures.recordsPerMinute * recordBytes) / 60
  expect(perSecond).toBeLessThanOrEqual(1_000)
  expect(figures.answersPerJoin).toBeGreaterThan(0)
  expect(figures.answersPerJoin).toBeLessThan(100)
})

test('a peer that lost some of its links and lives is counted as dead by nobody', () => {
  for (const links of [1, 3]) expect(falseDeaths({ seed: 3, peers: 30 }, links)).toBe(0)
})

test('a seed gives the same figures again', () => {
  const crowd = { seed: 5, peers: 20 }
  expect(measureCrowd(crowd)).toEqual(measureCrowd(crowd))
})
