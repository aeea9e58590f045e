import type { PeerId } from '@folkmoot/identity'
import { accept, type Rule, type Vote } from '@folkmoot/validation'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spokenOn, voiceOf } from './choose-units.ts'
import {
  type DispatcherConfig,
  type DispatcherEffect,
  type DispatcherInput,
  type DispatcherState,
  defaultDispatch,
} from './state.ts'
import { createDispatcher, stepDispatcher } from './step.ts'

const peer = (name: string) => name as PeerId
/** `a1` and `a2` share root `a`; names that start with `x` are not admitted. */
const rootOf = (name: PeerId) => (name.startsWith('x') ? undefined : name[0])

/** A dispatcher, its clock, and a study whose honest answers are all `r`. */
class Table {
  readonly config: DispatcherConfig
  state: DispatcherState
  readonly votes: Vote[] = []
  at = 1_000

  constructor(rule: Rule, unitCount: number, override: Partial<DispatcherConfig> = {}) {
    const secret = new Uint8Array(32).fill(7)
    this.config = { ...defaultDispatch, rule, unitCount, rootOf, secret, ...override }
    this.state = createDispatcher(this.config, accept(rule, unitCount, rootOf, []))
  }

  step(input: DispatcherInput): readonly DispatcherEffect[] {
    const { state, effects } = stepDispatcher(this.config, this.state, input)
    this.state = state
    return effects
  }

  request(name: string, want = 1, has: number[] = []): readonly number[] {
    const effects = this.step({ type: 'request', peer: peer(name), want, has, at: this.at })
    return effects.flatMap((effect) => (effect.type === 'lease' ? effect.units : []))
  }

  refusal(name: string): string | undefined {
    const effects = this.step({ type: 'request', peer: peer(name), want: 1, at: this.at })
    return effects.find((effect) => effect.type === 'idle')?.reason
  }

  result(name: string, unit: number, output = 'r'): void {
    const seq = this.votes.filter((vote) => vote.peer === name).length
    this.votes.push({ id: `${name}/${unit}/${seq}`, unit, peer: peer(name), output, seq })
    this.step({ type: 'resultSeen', peer: peer(name), unit, at: this.at })
  }

  judge() {
    const { rule, unitCount } = this.config
    const acceptance = accept(rule, unitCount, rootOf, this.votes)
    this.step({ type: 'progress', acceptance, at: this.at })
    return acceptance
  }
}

const quorum = (m: number, distinct: 'root' | 'peer' = 'root'): Rule => ({
  kind: 'quorum',
  m,
  distinct,
})

describe('a lease', () => {
  it('goes to distinct roots, as many as the unit lacks', () => {
    const table = new Table(quorum(2), 1)
    expect(table.request('a1')).toEqual([0])
    expect(table.request('a2')).toEqual([])
    expect(table.request('b1')).toEqual([0])
    expect(table.request('c1')).toEqual([])
  })

  it('goes to distinct peers where the rule counts peers', () => {
    const table = new Table(quorum(2, 'peer'), 1)
    expect(table.request('a1')).toEqual([0])
    expect(table.request('a2')).toEqual([0])
  })

  it('returns by itself when it expires', () => {
    const table = new Table(quorum(1), 1, { leaseMs: 5_000, stragglerMs: 60_000 })
    table.request('a1')
    table.at += 4_999
    expect(table.request('b1')).toEqual([])
    table.at += 1
    const effects = table.step({ type: 'tick', at: table.at })
    expect(effects).toMatchObject([{ type: 'expired', lease: { unit: 0, peer: 'a1' } }])
    expect(table.request('b1')).toEqual([0])
  })

  it('returns when its peer gives it back', () => {
    const table = new Table(quorum(1), 2)
    expect(table.request('a1', 1)).toHaveLength(1)
    table.request('a1', 1)
    expect(table.request('b1')).toEqual([])
    table.step({ type: 'returned', peer: peer('a1'), at: table.at })
    expect(table.request('b1')).toHaveLength(1)
  })

  it('sets a timer for the first to expire', () => {
    const table = new Table(quorum(1), 4, { leaseMs: 5_000 })
    const input = { type: 'request', peer: peer('a1'), want: 1, at: 10 } as const
    expect(table.step(input)).toContainEqual({ type: 'setTimer', at: 5_010 })
  })

  it('never goes to a peer that is not admitted', () => {
    expect(new Table(quorum(1), 1).refusal('x1')).toBe('not-admitted')
  })

  it('is refused, with the reason, to a peer that holds enough or when all is done', () => {
    const table = new Table(quorum(1), 40, { maxHeld: 2 })
    table.request('a1', 2)
    expect(table.refusal('a1')).toBe('holds-enough')
    const done = new Table(quorum(1), 1)
    done.result('a1', 0)
    done.judge()
    expect(done.refusal('b1')).toBe('complete')
  })

  it('ignores a wish for no units, or for none that is a number', () => {
    const table = new Table(quorum(1), 4)
    for (const want of [0, -1, Number.NaN]) expect(table.request('a1', want)).toEqual([])
  })
})

describe('the order of units', () => {
  it('finishes what others have begun before it opens something new', () => {
    const table = new Table(quorum(2), 50)
    const first = table.request('a1', 2)
    for (const unit of first) table.result('a1', unit)
    table.judge()
    expect([...table.request('b1', 2)].sort()).toEqual([...first].sort())
  })

  it('prefers units whose blocks the peer has', () => {
    expect(new Table(quorum(1), 50).request('a1', 2, [41, 17])).toEqual(
      expect.arrayContaining([17, 41]),
    )
  })

  it('begins elsewhere with another secret', () => {
    const starts = [1, 2, 3, 4].map(
      (fill) =>
        new Table(quorum(1), 1_000, { secret: new Uint8Array(32).fill(fill) }).request('a')[0],
    )
    expect(new Set(starts).size).toBeGreaterThan(1)
  })

  it('shares out the last units instead of giving them to one', () => {
    const table = new Table(quorum(1), 8)
    expect(table.request('a1', 8).length).toBeLessThan(8)
    expect(table.request('b1', 8).length).toBeGreaterThan(0)
  })
})

describe('a straggler', () => {
  it('is leased to one more root when nothing else is left, the oldest first', () => {
    const table = new Table(quorum(1), 2, { stragglerMs: 1_000 })
    const oldest = table.request('a1')
    table.at += 500
    table.request('a1')
    table.at += 600
    expect(table.request('b1')).toEqual(oldest)
    expect(table.request('c1')).toEqual([])
  })

  it('goes to another peer of the same root only when no other root waits', () => {
    const table = new Table(quorum(1), 1, { stragglerMs: 1_000 })
    table.request('a1')
    table.at += 1_000
    expect(table.request('a1')).toEqual([])
    expect(table.request('a2')).toEqual([0])
  })

  it('never goes to a root that has spoken on the unit', () => {
    const table = new Table(quorum(2), 1, { stragglerMs: 1_000 })
    table.request('a1')
    table.result('a1', 0)
    table.judge()
    table.request('b1')
    table.at += 1_000
    expect(table.request('a2')).toEqual([])
    expect(table.request('c1')).toEqual([0])
  })
})

describe('disputes and checks', () => {
  it('leases a tied unit to a third root', () => {
    const table = new Table(quorum(2), 1)
    table.result('a1', 0, 'r')
    table.result('b1', 0, 's')
    table.judge()
    expect(table.request('b2')).toEqual([])
    expect(table.request('c1')).toEqual([0])
  })

  it('gives about a share p of the units to a second root, chosen by the secret alone', () => {
    const rule: Rule = { kind: 'audit', p: 200_000, window: 1_000, distinct: 'root' }
    const table = new Table(rule, 1_001, { maxUnits: 2_000, maxHeld: 2_000 })
    // One unit is left open, so the study does not settle yet.
    for (let unit = 0; unit < 1_000; unit++) table.result('a1', unit)
    table.judge()
    expect(table.state.spotChecks.size).toBeGreaterThan(150)
    expect(table.state.spotChecks.size).toBeLessThan(250)
    const given = new Set<number>()
    for (let units = table.request('b1', 2_000); units.length > 0; ) {
      for (const unit of units) given.add(unit)
      units = table.request('b1', 2_000)
    }
    expect(given).toEqual(new Set([...table.state.spotChecks, 1_000]))
  })

  it('settles with a second root whatever is provisional when every unit has a result', () => {
    const rule: Rule = { kind: 'audit', p: 0, window: 100, distinct: 'root' }
    const table = new Table(rule, 3)
    for (const unit of [0, 1, 2]) table.result('a1', unit)
    expect(table.judge().acceptedCount).toBe(0)
    for (let unit = table.request('b1')[0]; unit !== undefined; unit = table.request('b1')[0]) {
      table.result('b1', unit)
      table.judge()
    }
    expect(table.judge().complete).toBe(true)
  })
})

describe('any run of requests, results, losses and time', () => {
  const names = ['a1', 'a2', 'b1', 'c1', 'd1']
  const action = fc.oneof(
    fc.record({ do: fc.constant('request' as const), who: fc.constantFrom(...names) }),
    fc.record({
      do: fc.constant('work' as const),
      who: fc.constantFrom(...names),
      lie: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
    fc.record({ do: fc.constant('judge' as const) }),
    fc.record({ do: fc.constant('leave' as const), who: fc.constantFrom(...names) }),
  )
  const rule = fc.constantFrom<Rule>(quorum(2), quorum(3, 'peer'), {
    kind: 'audit',
    p: 300_000,
    window: 2,
    distinct: 'root',
  })

  it('never gives a voice a unit it has spoken on, and always finishes with honest peers', () => {
    fc.assert(
      fc.property(rule, fc.array(action, { maxLength: 60 }), (chosen, actions) => {
        const table = new Table(chosen, 6)
        const hands = new Map<string, number[]>()
        const request = (who: string) => {
          const before = table.state
          const units = table.request(who, 2)
          for (const unit of units) {
            const voice = voiceOf(table.config, peer(who))!
            expect(spokenOn(table.config, before, unit).has(voice)).toBe(false)
            hands.set(who, [...(hands.get(who) ?? []), unit])
          }
          expect(new Set(units).size).toBe(units.length)
          for (const [unit, leases] of table.state.leases) {
            expect(new Set(leases.map((lease) => lease.peer)).size).toBe(leases.length)
            expect(unit).toBeLessThan(6)
          }
          return units.length
        }
        const work = (who: string, lie: boolean) => {
          const unit = hands.get(who)?.shift()
          if (unit !== undefined) table.result(who, unit, lie ? `lie of ${who}` : 'r')
        }
        for (const step of actions) {
          if (step.do === 'request') request(step.who)
          else if (step.do === 'work') work(step.who, step.lie)
          else if (step.do === 'wait') table.at += step.ms
          else if (step.do === 'judge') table.judge()
          else {
            hands.delete(step.who)
            table.step({ type: 'returned', peer: peer(step.who), at: table.at })
          }
        }
        // Fresh roots, all honest, finish whatever was left behind.
        const honest = ['e1', 'f1', 'g1', 'h1', 'i1', 'j1', 'k1', 'l1']
        let rounds = 0
        while (!table.judge().complete && rounds++ < 200) {
          table.at += 61_000
          for (const who of honest) {
            request(who)
            while ((hands.get(who)?.length ?? 0) > 0) work(who, false)
          }
        }
        const { complete, units } = table.judge()
        expect(complete).toBe(true)
        // Under `audit` a lie that no check met may pass with its window; a quorum lets none through.
        if (chosen.kind === 'quorum') {
          expect(units.every((unit) => unit.output === 'r')).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })
})
