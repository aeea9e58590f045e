import { expect, test } from 'vitest'
import { addTallies, ENDINGS, emptyTally, IN_TIME, runSeeds, tooSlow } from './campaign.ts'
import { campaignOf, campaigns } from './index.ts'

test.each(campaigns)('$name: the first seeds find nothing, and replay exactly', async ({ run }) => {
  for (const seed of [1, 2]) {
    const first = await run(seed)
    expect({ seed, found: first.violations }).toEqual({ seed, found: [] })
    expect((await run(seed, { keep: true })).hash).toBe(first.hash)
  }
})

test('a campaign stops at the first violation when asked to, and says which seed it was', async () => {
  const mutant = { mutant: 'send before sync', stopAtFirst: true } as const
  const tally = await runSeeds(campaignOf('promises'), 1, 1_000, mutant)
  expect(tally.seeds).toBeLessThan(1_000)
  expect(tally.violations[0]).toMatchObject({ seed: tally.seeds })
})

test('a campaign of which more than one run in twenty takes longer than promised is not good', () => {
  const tally = (all: number, inTime: number) => ({ counts: { [ENDINGS]: all, [IN_TIME]: inTime } })
  expect(tooSlow(tally(200, 190))).toBeUndefined()
  expect(tooSlow(tally(200, 189))).toMatch(/^liveness: only 189 of 200/)
  expect(tooSlow(tally(10, 0))).toBeUndefined()
  expect(tooSlow({ counts: {} })).toBeUndefined()
})

test('endings are counted, and those within the promised time', async () => {
  const { counts } = await runSeeds(campaignOf('bft-honest'), 1, 3)
  expect(counts).toMatchObject({ [ENDINGS]: 3, [IN_TIME]: 3 })
})

test('tallies add up', () => {
  const one = { seeds: 1, violations: [{ seed: 4, text: 'x', hash: '0' }], counts: { crashes: 2 } }
  const two = { seeds: 2, violations: [], counts: { crashes: 1, blocks: 5 } }
  expect(addTallies(addTallies(emptyTally, one), two)).toEqual({
    seeds: 3,
    violations: [{ seed: 4, text: 'x', hash: '0' }],
    counts: { crashes: 3, blocks: 5 },
  })
})
