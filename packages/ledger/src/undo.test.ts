/** Going back: blocks that were applied and are not final after all leave no trace. */
import { encode, fromHex, toHex } from '@folkmoot/codec'
import type { Mark } from '@folkmoot/consensus'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { foundedWorld, outcomeOf } from '../test/world.ts'
import { createFactStore, type FactStore } from './fact-store.ts'
import { createFactTree } from './fact-tree.ts'
import { factKey, verifyFact } from './index.ts'

const [ann, bob] = [testSigner(2), testSigner(3)]

/** What is done to the store: a fact set or deleted, or a mark made, gone back to or released. */
const action = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('set' as const), fc.nat(12), fc.nat(9)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('delete' as const), fc.nat(12), fc.nat(9)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('mark' as const), fc.nat(0), fc.nat(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('rollback' as const), fc.nat(9), fc.nat(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('release' as const), fc.nat(9), fc.nat(0)) },
)

type Writes = readonly (readonly ['set' | 'delete', number, number])[]

function replay(writes: Writes): FactStore {
  const store = createFactStore()
  for (const [kind, id, value] of writes) {
    if (kind === 'set') store.credit.set(`${id}`, value)
    else store.credit.delete(`${id}`)
  }
  return store
}

describe('marks', () => {
  it('in any interleaving with changes lead where a replay of what stayed leads, and show what the oldest saw', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80, size: 'max' }), (actions) => {
        const store = createFactStore()
        let stayed: (readonly ['set' | 'delete', number, number])[] = []
        let marks: { mark: Mark; stayed: typeof stayed }[] = []
        for (const [kind, a, b] of actions) {
          if (kind === 'set' || kind === 'delete') {
            if (kind === 'set') store.credit.set(`${a}`, b)
            else store.credit.delete(`${a}`)
            stayed.push([kind, a, b])
          } else if (kind === 'mark') {
            marks.push({ mark: store.journal.mark(), stayed: [...stayed] })
          } else if (marks.length > 0) {
            const index = a % marks.length
            const at = marks[index]!
            at.mark[kind]()
            if (kind === 'rollback') stayed = [...at.stayed]
            marks = kind === 'rollback' ? marks.slice(0, index + 1) : marks.slice(index + 1)
          }
          const replayed = replay(stayed)
          expect(store.root()).toEqual(replayed.root())
          expect(store.snapshot()).toEqual(replayed.snapshot())
          const below = replay(marks[0]?.stayed ?? stayed)
          const { entries } = store.settled.credit
          expect(new Map(entries)).toEqual(below.credit.entries)
          expect(entries.size).toBe(below.credit.entries.size)
          expect(entries.has(`${a}`)).toBe(below.credit.entries.has(`${a}`))
          expect(store.value(`credit/${a}`)).toEqual(below.value(`credit/${a}`))
          expect(store.prove(`credit/${a}`)).toEqual(below.prove(`credit/${a}`))
          expect(store.root()).toEqual(replayed.root())
        }
      }),
    )
  })

  it('hide what was applied above them, and bring back the root, the sequences and the screen of before', async () => {
    const { world, link } = await foundedWorld()
    await world.admit(link, ann)
    const { ledger } = world
    const before = { root: toHex(ledger.root()), snapshot: ledger.snapshot() }
    const first = ledger.mark()
    const leave = await world.seal(ann, 'member.leave', {}, { sequence: 7 })
    expect(outcomeOf(await world.record(leave))).toBe('ok')
    const between = { root: toHex(ledger.root()), snapshot: ledger.snapshot() }
    const second = ledger.mark()
    await world.admit(link, bob)
    const memberships = () => [ann, bob].map(({ peer }) => ledger.isMember(peer))
    expect(memberships()).toEqual([true, false])
    expect(ledger.state().sequence(ann.peer)).toBeLessThan(7)
    const proof = ledger.proveFact(factKey.member(bob.peer))
    expect(verifyFact(fromHex(before.root), proof)).toMatchObject({ ok: true, value: undefined })
    second.rollback()
    expect(toHex(ledger.root())).toBe(between.root)
    expect(ledger.snapshot()).toEqual(between.snapshot)
    first.rollback()
    expect(toHex(ledger.root())).toBe(before.root)
    expect(ledger.snapshot()).toEqual(before.snapshot)
    expect(outcomeOf(ledger.screen(leave))).toBe('ok')
    expect(outcomeOf(await world.record(leave))).toBe('ok')
    first.release()
    expect(memberships()).toEqual([false, false])
    expect(ledger.state().sequence(ann.peer)).toBe(7)
  })

  it('that were released or dropped cannot be gone back to', async () => {
    const { world, link } = await foundedWorld()
    const first = world.ledger.mark()
    await world.admit(link, ann)
    const second = world.ledger.mark()
    const third = world.ledger.mark()
    second.rollback()
    expect(() => third.rollback()).toThrow(expect.objectContaining({ code: 'ledger/mark' }))
    second.release()
    expect(() => first.rollback()).toThrow(expect.objectContaining({ code: 'ledger/mark' }))
    second.release()
    expect(world.ledger.isMember(ann.peer)).toBe(true)
    const last = world.ledger.mark()
    await world.ledger.restore(world.ledger.snapshot())
    expect(() => last.rollback()).toThrow(expect.objectContaining({ code: 'ledger/mark' }))
  })

  it('cost what changed, not what is there', () => {
    const store = createFactStore()
    for (let i = 0; i < 20_000; i++) store.credit.set(`${i}`, i)
    const root = store.root()
    const started = performance.now()
    for (let i = 0; i < 1_000; i++) {
      const mark = store.journal.mark()
      store.credit.set(`${i}`, 0)
      store.credit.set(`new ${i}`, 0)
      store.root()
      mark.rollback()
      mark.release()
    }
    expect(store.root()).toEqual(root)
    // A thousand copies of twenty thousand facts would take minutes.
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

it('a tree forgets a key as if it had never been set', () => {
  const key = fc.integer({ min: 0, max: 30 }).map(String)
  fc.assert(
    fc.property(fc.array(key), fc.array(key), (set, deleted) => {
      const tree = createFactTree()
      const rest = createFactTree()
      for (const k of set) tree.set(k, encode(k))
      for (const k of deleted) tree.delete(k)
      const gone = new Set(deleted)
      for (const k of new Set(set)) if (!gone.has(k)) rest.set(k, encode(k))
      expect(tree.root()).toEqual(rest.root())
      expect(tree.size).toBe(rest.size)
    }),
  )
})
