/** Changes of members, beside what the published tables hold. */
import { expect, it } from 'vitest'
import { drive, elect, member } from './drive.ts'

const [two, three] = [member(2), member(3)] as const

/** A leader of three, of whom both others hold everything. */
function leader() {
  const driven = drive()
  elect(driven, [two, three])
  const acknowledge = (from = two) => {
    const { term, lastIndex: index } = driven.core.peek()
    const answer = { type: 'appended', term, round: 0, ok: true, index } as const
    return driven.message(from, { ...answer, hintIndex: 0, hintTerm: 0 })
  }
  acknowledge(two)
  acknowledge(three)
  return { driven, acknowledge }
}

it('does not take a member that comes back for one that holds what it held before it left', () => {
  const { driven, acknowledge } = leader()
  const { core } = driven
  expect(core.peek().matchOf(three)).toBe(1)
  driven.input({ type: 'change', change: { kind: 'remove', peer: three } })
  acknowledge(two)
  expect(core.peek().commit).toBe(2)
  driven.input({ type: 'change', change: { kind: 'add', peer: three, as: 'learner' } })
  acknowledge(two)
  expect(core.peek().members.learners).toEqual([three])
  expect(core.peek().matchOf(three)).toBe(0)
  // Its disk was lost: it is brought everything, from the first entry on.
  const { term } = core.peek()
  const hint = { hintIndex: 0, hintTerm: 0 }
  const refusal = { type: 'appended', term, round: 0, ok: false, index: 3, ...hint } as const
  const [sent] = driven.message(three, refusal)
  expect(sent?.message).toMatchObject({ type: 'append', prevIndex: 0 })
})
