import { expect, test } from 'vitest'
import { brokenRules, ruleMutants } from '../bft/mutants.ts'
import { propertyOf } from '../campaigns/campaign.ts'
import { catches } from '../campaigns/catches.ts'
import { campaignOf } from '../campaigns/index.ts'
import { schedules } from './index.ts'
import { play, type Schedule } from './stage.ts'

test.each(schedules)(
  '$mutant is noticed by its schedule, which finds nothing without it',
  (schedule) => {
    const sound = play(schedule, { seed: 1, rules: undefined, keep: false })
    expect(sound.violations).toEqual([])
    const run = play(schedule, { seed: 1, rules: brokenRules(schedule.mutant), keep: false })
    expect(run.violations.map(propertyOf)).toContain(schedule.breaks)
  },
)

test('every rule that can be broken has a schedule, and every catch a campaign', () => {
  expect(schedules.map(({ mutant }) => mutant).sort()).toEqual([...ruleMutants].sort())
  for (const { campaign } of catches) expect(campaignOf(campaign).name).toBe(campaign)
  expect(() => brokenRules('no such rule')).toThrow(RangeError)
})

test('a script that does not come to its point says so, and catches nothing', () => {
  const lost: Schedule = {
    mutant: 'none',
    breaks: 'liveness',
    play: ({ until }) => until('the sky falls', () => false),
  }
  const { violations } = play(lost, { seed: 1, rules: undefined, keep: false })
  expect(violations.map(propertyOf)).toEqual(['schedule'])
})
