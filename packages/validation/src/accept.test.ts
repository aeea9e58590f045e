import type { PeerId } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accept, type RootOf } from './accept.ts'
import type { Rule } from './rule.ts'
import type { Vote } from './vote.ts'

const peer = (name: string) => name as PeerId
/** `a1` and `a2` share root `a`; names that start with `x` are not admitted. */
const rootOf: RootOf = (name) => (name.startsWith('x') ? undefined : name[0])
const quorum = (m: number, distinct: 'root' | 'peer' = 'root'): Rule => ({
  kind: 'quorum',
  m,
  distinct,
})

/** Votes as `peer:unit=output#seq`, separated by spaces; the number is the vote's position by default. */
function votes(script: string): Vote[] {
  return script.split(' ').map((text, index) => {
    const [, name, unit, output, seq] = /^(\w+):(\d+)=(\w+?)(?:#(\d+))?$/.exec(text)!
    return {
      id: text,
      unit: Number(unit),
      peer: peer(name!),
      output: output!,
      seq: seq === undefined ? index : Number(seq),
    }
  })
}

describe('quorum', () => {
  it('accepts a unit when m distinct roots agree', () => {
    const { units, complete } = accept(quorum(2), 1, rootOf, votes('a1:0=r b1:0=r'))
    expect(units[0]).toMatchObject({ state: 'accepted', output: 'r', supporters: ['a1', 'b1'] })
    expect(complete).toBe(true)
  })

  it('takes two peers of one root for one voice, unless the rule counts peers', () => {
    const script = votes('a1:0=r a2:0=r')
    expect(accept(quorum(2), 1, rootOf, script).units[0]?.state).toBe('provisional')
    expect(accept(quorum(2, 'peer'), 1, rootOf, script).units[0]?.state).toBe('accepted')
  })

  it('leaves out peers that are not admitted', () => {
    const { units } = accept(quorum(2, 'peer'), 1, rootOf, votes('a1:0=r x1:0=r x2:0=r'))
    expect(units[0]).toMatchObject({ state: 'provisional', supporters: ['a1'] })
  })

  it('leaves out units that the study does not have', () => {
    const stray = [-1, 1, 0.5, Number.NaN].map((unit) => ({ ...votes('a:0=r')[0]!, unit }))
    expect(accept(quorum(1), 1, rootOf, stray).units).toMatchObject([{ state: 'waiting' }])
  })

  it('holds a tie until more voices have spoken', () => {
    const tie = votes('a:0=r b:0=r c:0=s d:0=s')
    expect(accept(quorum(2), 1, rootOf, tie).units[0]?.state).toBe('disputed')
    const broken = accept(quorum(2), 1, rootOf, [...tie, ...votes('e:0=r')]).units[0]
    expect(broken).toMatchObject({ state: 'accepted', output: 'r' })
    expect(broken?.against.map((entry) => [entry.peer, entry.why])).toEqual([
      ['c', 'outvoted'],
      ['d', 'outvoted'],
    ])
  })

  it('counts neither output of a peer that signed two, and names both as evidence', () => {
    const { units, equivocations } = accept(quorum(2), 1, rootOf, votes('a:0=r a:0=s b:0=r'))
    expect(units[0]).toMatchObject({ state: 'provisional', supporters: ['b'] })
    expect(equivocations).toEqual([{ peer: 'a', unit: 0, results: ['a:0=r', 'a:0=s'] }])
  })

  it('takes the same output signed twice for one voice and no equivocation', () => {
    const { units, equivocations } = accept(quorum(2), 1, rootOf, votes('a:0=r#1 a:0=r#2'))
    expect(units[0]).toMatchObject({ state: 'provisional', voices: 1, results: ['a:0=r#1'] })
    expect(equivocations).toEqual([])
  })

  it('never accepts what fewer than m colluding roots made up, whatever honest peers add', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 12 }),
        (m, honest) => {
          const liars = Array.from({ length: (m - 1) * 3 }, (_, index) => ({
            id: `liar${index}`,
            unit: 0,
            // Many peers, but only m − 1 invitations between them.
            peer: peer(`${'klmn'[index % (m - 1)]}${index}`),
            output: 'lie',
            seq: index,
          }))
          const truth = honest.map(([who, again], index) => ({
            id: `true${index}`,
            unit: 0,
            peer: peer(`${'abcd'[who]}${again ? 1 : 0}`),
            output: 'truth',
            seq: index,
          }))
          expect(accept(quorum(m), 1, rootOf, [...liars, ...truth]).units[0]).not.toMatchObject({
            state: 'accepted',
            output: 'lie',
          })
        },
      ),
    )
  })
})

describe('audit', () => {
  const rule: Rule = { kind: 'audit', p: 50_000, window: 2, distinct: 'peer' }
  const states = (script: string, unitCount = 5) =>
    accept(rule, unitCount, rootOf, votes(script)).units.map((unit) => unit.state)

  it('accepts a result once its worker has given as many later ones as the window', () => {
    expect(states('a:0=r a:1=r', 3)).toEqual(['provisional', 'provisional', 'waiting'])
    expect(states('a:0=r a:1=r a:2=r', 3)).toEqual(['accepted', 'provisional', 'provisional'])
  })

  it('accepts at once what a second voice confirms', () => {
    expect(states('a:0=r#0 b:0=r#0', 1)).toEqual(['accepted'])
  })

  it('rolls a worker back to its window before the failed check, and for ever after it', () => {
    const script = 'a:0=r#0 a:1=r#1 a:2=r#2 a:3=bad#3 a:4=r#4 b:3=r#0 c:3=r#0'
    const { units, failed } = accept(rule, 5, rootOf, votes(script))
    expect(units.map((unit) => unit.state)).toEqual([
      'accepted',
      'waiting',
      'waiting',
      'accepted',
      'waiting',
    ])
    expect(units[1]?.against).toMatchObject([{ peer: 'a', why: 'rolled-back' }])
    expect(failed).toEqual(['a'])
  })

  it('holds the window while a check is undecided', () => {
    expect(states('a:0=r#0 a:1=r#1 a:2=r#2 b:1=s#0', 3)).toEqual([
      'provisional',
      'disputed',
      'provisional',
    ])
  })

  it('does not carry a result over a number that its worker held back', () => {
    expect(states('a:0=r#0 a:1=r#2 a:2=r#3', 3)).toEqual([
      'provisional',
      'provisional',
      'provisional',
    ])
  })

  it('takes two outputs for one unit for a failed check', () => {
    expect(states('a:0=r#0 a:1=r#1 a:2=r#2 a:2=s#3', 3)).toEqual(['waiting', 'waiting', 'waiting'])
  })
})

describe('any permutation, repetition, or split and merge of the votes', () => {
  const vote = fc
    .record({
      unit: fc.integer({ min: -1, max: 4 }),
      peer: fc.constantFrom('a1', 'a2', 'b1', 'c1', 'd1', 'x1'),
      output: fc.constantFrom('r', 's', 't'),
      seq: fc.integer({ min: 0, max: 5 }),
    })
    .map((fields) => ({ ...fields, peer: peer(fields.peer), id: JSON.stringify(fields) }))
  const distinct = fc.constantFrom<'root' | 'peer'>('root', 'peer')
  const rule: fc.Arbitrary<Rule> = fc.oneof(
    fc.record({
      kind: fc.constant('quorum' as const),
      m: fc.integer({ min: 1, max: 3 }),
      distinct,
    }),
    fc.record({
      kind: fc.constant('audit' as const),
      p: fc.constant(0),
      window: fc.integer({ min: 0, max: 3 }),
      distinct,
    }),
  )
  const shuffled = fc
    .array(vote, { maxLength: 24 })
    .chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }),
      ),
    )

  it('gives the same acceptance', () => {
    fc.assert(
      fc.property(rule, shuffled, fc.nat(48), (chosen, [list, again], cut) => {
        const once = accept(chosen, 4, rootOf, list)
        expect(accept(chosen, 4, rootOf, again)).toEqual(once)
        expect(accept(chosen, 4, rootOf, [...list.slice(cut), ...again, ...list])).toEqual(once)
      }),
      { numRuns: 500 },
    )
  })

  it('accepts at most one output a unit, and counts no peer on both sides', () => {
    fc.assert(
      fc.property(rule, fc.array(vote, { maxLength: 24 }), (chosen, list) => {
        const acceptance = accept(chosen, 4, rootOf, list)
        for (const unit of acceptance.units) {
          const objectors = new Set(unit.against.map((entry) => entry.peer))
          expect(unit.supporters.some((supporter) => objectors.has(supporter))).toBe(false)
          expect(unit.supporters).not.toContain('x1')
          expect(unit.output !== undefined).toBe(unit.supporters.length > 0)
        }
      }),
    )
  })
})
