/** Who leads and who may not, beside what the published tables hold. */
import { describe, expect, it } from 'vitest'
import { type Driven, drive, elect, member } from './drive.ts'

const [two, three, four] = [member(2), member(3), member(4)] as const

/** A follower of member 2 that has just heard from it. */
function follower(): Driven {
  const driven = drive()
  driven.message(two, {
    type: 'append',
    term: 1,
    round: 0,
    prevIndex: 0,
    prevTerm: 0,
    commit: 0,
    entries: [],
  })
  expect(driven.core.peek()).toMatchObject({ role: 'follower', term: 1, leader: two })
  return driven
}

describe('asking before an election', () => {
  it('raises no term, however often a member that hears nobody tries', () => {
    const driven = drive()
    for (let times = 0; times < 5; times++) {
      const sent = driven.expire()
      expect(sent.map(({ message }) => message)).toMatchObject([
        { type: 'vote', pre: true, term: 1 },
        { type: 'vote', pre: true, term: 1 },
      ])
    }
    expect(driven.core.peek()).toMatchObject({ term: 0 })
  })

  it('is refused by whoever hears a leader, which goes on leading', () => {
    const driven = follower()
    const request = { type: 'vote', term: 7, force: false, lastIndex: 9, lastTerm: 6 } as const
    const [answer] = driven.message(three, { ...request, pre: true })
    expect(answer?.message).toMatchObject({ type: 'voted', granted: false, term: 1 })
    // One that does not ask first is not heard at all.
    expect(driven.message(three, { ...request, pre: false })).toEqual([])
    expect(driven.core.peek()).toMatchObject({ term: 1, leader: two })
  })

  it('is granted once the leader is silent, and binds nobody', () => {
    const driven = follower()
    driven.expire()
    const request = { type: 'vote', pre: true, force: false, lastIndex: 0, lastTerm: 0 } as const
    for (const from of [three, two]) {
      const [answer] = driven.message(from, { ...request, term: 2 })
      expect(answer?.message).toMatchObject({ type: 'voted', granted: true, term: 2 })
    }
    expect(driven.core.peek()).toMatchObject({ term: 1 })
  })
})

/** A leader of three that nobody has answered yet. */
function leader(): Driven {
  const driven = drive()
  elect(driven, [two, three])
  expect(driven.core.peek().role).toBe('leader')
  return driven
}

function acknowledge(driven: Driven, from = two): void {
  const { term, lastIndex: index } = driven.core.peek()
  const answer = { type: 'appended', term, round: 0, ok: true, index } as const
  driven.message(from, { ...answer, hintIndex: 0, hintTerm: 0 })
}

describe('a leader', () => {
  it('steps down when a majority does not answer any more, and not while one member does', () => {
    const driven = leader()
    const beat = () => {
      // Longer than an election takes, so that each look at the quorum counts.
      driven.now += 2_000
      driven.input({ type: 'timer', timer: 'heartbeat' })
    }
    for (let times = 0; times < 3; times++) {
      acknowledge(driven)
      beat()
      expect(driven.core.peek().role).toBe('leader')
    }
    beat()
    expect(driven.core.peek()).toMatchObject({ role: 'follower', leader: null })
  })

  it('changes no members before an entry of its own term is committed, and one at a time', () => {
    const driven = leader()
    const refusals = () => driven.own.filter(({ type }) => type === 'changeRefused').length
    const add = (peer: typeof four) =>
      driven.input({ type: 'change', change: { kind: 'add', peer, as: 'learner' } })
    add(four)
    expect(refusals()).toBe(1)
    acknowledge(driven)
    add(four)
    expect(refusals()).toBe(1)
    add(member(5))
    expect(refusals()).toBe(2)
    acknowledge(driven)
    add(member(5))
    expect(refusals()).toBe(2)
    expect(driven.core.peek().members.learners).toEqual([four, member(5)].sort())
  })
})
