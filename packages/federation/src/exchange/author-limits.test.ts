import { expect, test } from 'vitest'
import { createAuthorLimits } from './author-limits.ts'

const config = {
  recordsPerSecond: 1,
  recordsAtOnce: 3,
  bytesPerSecond: 10,
  bytesAtOnce: 100,
  maxBuckets: 2,
}

test('an author has its records and its bytes, and others have theirs', () => {
  const limits = createAuthorLimits(config)
  const many = (author: string, now: number) =>
    [1, 2, 3, 4].map(() => limits.take(author, 'x', 1, now))
  expect(many('ann', 0)).toEqual([true, true, true, false])
  expect(many('bob', 0)).toEqual([true, true, true, false])
  expect(many('ann', 1_000)).toEqual([true, false, false, false])
  expect(limits.take('bob', 'x', 101, 60_000)).toBe(false)
  expect(limits.take('bob', 'x', 100, 60_000)).toBe(true)
  expect(limits.take('bob', 'x', 11, 61_000)).toBe(false)
})

test('a clock that is set back stops nobody, and strangers push out only the quiet', () => {
  const limits = createAuthorLimits(config)
  for (let at = 0; at < 3; at++) limits.take('ann', 'x', 1, 90_000)
  expect(limits.take('ann', 'x', 1, 10_000)).toBe(false)
  expect(limits.take('ann', 'x', 1, 11_000)).toBe(true)
  limits.take('bob', 'x', 1, 11_000)
  limits.take('ann', 'x', 1, 11_000)
  limits.take('cat', 'x', 1, 11_000)
  expect(limits.take('ann', 'x', 1, 11_000)).toBe(false)
})
