import type { PeerId } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StudyId } from '../study-id.ts'
import { currentDispatcher, nextDispatcher, silenceMs } from './next-dispatcher.ts'

const study = 'ab'.repeat(32) as StudyId
const peers = ['p1', 'p2', 'p3', 'p4', 'p5'] as PeerId[]

describe('the next dispatcher', () => {
  it('is the same for everybody who sees the same peers, in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(peers, { minLength: 1 }), fc.nat(9), (present, round) => {
        expect(nextDispatcher(study, round, present)).toBe(
          nextDispatcher(study, round, present.toSorted()),
        )
      }),
    )
  })

  it('differs between rounds, so that one bad peer does not hold the place', () => {
    const chosen = new Set(
      [1, 2, 3, 4, 5, 6, 7].map((round) => nextDispatcher(study, round, peers)),
    )
    expect(chosen.size).toBeGreaterThan(1)
  })

  it('is nobody where nobody is', () => {
    expect(nextDispatcher(study, 1, [])).toBeUndefined()
  })
})

describe('the current dispatcher', () => {
  const home = peers[0]!
  const view = { study, home, present: peers, heardAt: 0 }

  it('is the home one for 15 s of silence, and again as soon as it is heard', () => {
    expect(currentDispatcher({ ...view, now: silenceMs - 1 })).toBe(home)
    expect(currentDispatcher({ ...view, now: silenceMs })).not.toBe(home)
    expect(currentDispatcher({ ...view, now: silenceMs, heardAt: silenceMs })).toBe(home)
  })

  it('passes over those that do not answer, one for each 15 s', () => {
    const silent = (skip: PeerId[]) => (peer: PeerId) => !skip.includes(peer)
    const first = currentDispatcher({ ...view, now: silenceMs })!
    const second = currentDispatcher({ ...view, now: 2 * silenceMs }, silent([first]))!
    expect(second).not.toBe(first)
    expect(currentDispatcher({ ...view, now: 9 * silenceMs }, silent([first]))).toBe(second)
  })

  it('is oneself when nobody else is there', () => {
    expect(currentDispatcher({ ...view, present: [peers[1]!], now: 99 * silenceMs })).toBe(peers[1])
  })
})
