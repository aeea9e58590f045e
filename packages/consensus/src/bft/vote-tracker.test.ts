import { sha256, utf8 } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { committee } from '../../test/committee.ts'
import { NO_BLOCK } from './vote.ts'
import { VoteTracker } from './vote-tracker.ts'

const four = committee()
const [a, b, c] = [sha256(utf8('a')), sha256(utf8('b')), sha256(utf8('c'))]

describe('the vote tracker', () => {
  it('completes a certificate by the vote that reaches a quorum, once', async () => {
    const tracker = new VoteTracker(four.set)
    const votes = await Promise.all([0, 1, 2, 3].map((i) => four.vote('notarise', 4, a, i)))
    const completed = votes.map((vote) => tracker.add(vote).certificate !== undefined)
    expect(completed).toEqual([false, false, true, false])
    expect(tracker.certificate('notarise', 4)?.hash).toEqual(a)
    expect(tracker.certificate('notarise', 4, b)).toBeUndefined()
    expect(tracker.certificate('finalise', 4)).toBeUndefined()
    expect(tracker.weightOf('notarise', 4, a)).toBe(4)
  })

  it('counts nobody twice', async () => {
    const tracker = new VoteTracker(four.set)
    const vote = await four.vote('nullify', 4, NO_BLOCK, 1)
    expect(tracker.knows(vote)).toBe(false)
    expect(tracker.add(vote).isNew).toBe(true)
    expect(tracker.knows(vote)).toBe(true)
    expect(tracker.add(vote)).toEqual({ isNew: false, certificate: undefined, conflicts: [] })
    expect(tracker.weightOf('nullify', 4, NO_BLOCK)).toBe(1)
  })

  it('counts another hash as another vote, which is a lie', async () => {
    const tracker = new VoteTracker(four.set)
    const first = await four.vote('notarise', 4, a, 1)
    const second = await four.vote('notarise', 4, b, 1)
    tracker.add(first)
    expect(tracker.knows(second)).toBe(false)
    const { conflicts } = tracker.add(second)
    expect(conflicts).toHaveLength(1)
    expect(new Set(conflicts[0])).toEqual(new Set([first, second]))
  })

  it('holds a bounded number of words of one voter in one view', async () => {
    const tracker = new VoteTracker(four.set)
    for (let i = 0; i < 40; i++) {
      tracker.add(await four.vote('notarise', 4, sha256(Uint8Array.of(i)), 1))
    }
    expect(tracker.votesBy(1, 4)).toHaveLength(5)
  })

  it('finds the lies inside a certificate', async () => {
    const tracker = new VoteTracker(four.set)
    for (const voter of [1, 2]) tracker.add(await four.vote('finalise', 4, a, voter))
    const skipped = await four.certify('nullify', 4, NO_BLOCK, [0, 2, 3])
    const conflicts = tracker.addCertificate(skipped)
    expect(conflicts.map(([vote]) => vote.voter)).toEqual([2])
    expect(tracker.certificate('nullify', 4)).toEqual(skipped)
  })

  it('forgets the views that are over', async () => {
    const tracker = new VoteTracker(four.set)
    for (const view of [3, 4, 5]) tracker.add(await four.vote('notarise', view, c, 0))
    tracker.forget(4)
    expect([3, 4, 5].map((view) => tracker.votesBy(0, view).length)).toEqual([0, 0, 1])
  })
})
