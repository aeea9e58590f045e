import type { PeerId } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Membership,
  type MembershipInput,
  membershipDefaults,
  newMembership,
  stepMembership,
} from './membership.ts'
import type { Presence } from './presence.ts'

const [self, a, b, c] = ['12D3self', '12D3a', '12D3b', '12D3c'] as PeerId[]
const config = { ...membershipDefaults, self: self! }

function presence(incarnation: number, state: Presence['state'] = 'here'): Presence {
  return {
    v: 1,
    incarnation,
    nickname: 'n',
    role: 'member',
    addrs: [],
    state,
    worker: true,
    protocol: 1,
  }
}

const peer = fc.constantFrom(a!, b!, c!)
const anyone = fc.constantFrom(self!, a!, b!, c!)
const input = fc.oneof(
  fc.record({
    type: fc.constant('heard' as const),
    peer: anyone,
    presence: fc
      .tuple(fc.nat(20), fc.constantFrom('here' as const, 'leaving' as const))
      .map(([n, state]) => presence(n, state)),
  }),
  fc.record({
    type: fc.constant('accused' as const),
    peer: anyone,
    accuser: anyone,
    incarnation: fc.nat(20),
  }),
  fc.record({ type: fc.constant('link' as const), peer, up: fc.boolean() }),
  fc.record({ type: fc.constant('timer' as const), dice: fc.constant(0.5) }),
  fc.record({ type: fc.constant('removed' as const), peer }),
)
const schedule = fc.array(fc.tuple(fc.nat(20_000), input), { maxLength: 80 })

function replay(
  steps: readonly (readonly [number, object])[],
  each: (
    before: Membership,
    after: Membership,
    input: MembershipInput,
    effects: readonly { type: string }[],
  ) => void,
) {
  let state = newMembership(presence(100))
  let at = 0
  for (const [wait, partial] of steps) {
    at += wait
    const given = { ...partial, at } as MembershipInput
    const step = stepMembership(config, state, given)
    each(state, step.state, given, step.effects)
    state = step.state
  }
  return state
}

describe('membership under any history', () => {
  it('never lowers an incarnation, its own or another', () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        replay(steps, (before, after, given) => {
          expect(after.self.incarnation).toBeGreaterThanOrEqual(before.self.incarnation)
          if (given.type === 'removed') return
          for (const [id, view] of before.peers) {
            const now = after.peers.get(id)
            if (now === undefined) continue
            expect(now.presence.incarnation).toBeGreaterThanOrEqual(view.presence.incarnation)
          }
        })
      }),
    )
  })

  it('reports joined and gone exactly when the status crosses, and never while linked', () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        replay(steps, (before, after, given, effects) => {
          const alive = (state: Membership, id: PeerId) =>
            (state.peers.get(id)?.status ?? 'gone') !== 'gone'
          for (const id of [a!, b!, c!]) {
            const named = (type: string) =>
              effects.filter((e) => e.type === type && (e as { peer?: PeerId }).peer === id).length
            expect(named('joined')).toBe(!alive(before, id) && alive(after, id) ? 1 : 0)
            expect(named('gone')).toBe(alive(before, id) && !alive(after, id) ? 1 : 0)
            const linked = before.peers.get(id)?.linked === true
            if (linked && given.type === 'timer' && before.peers.get(id)!.suspicion === undefined) {
              expect(alive(after, id)).toBe(alive(before, id))
            }
          }
        })
      }),
    )
  })

  it('answers every accusation of its current incarnation with a higher one', () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        replay(steps, (before, after, given, effects) => {
          if (given.type !== 'accused' || given.peer !== self) return
          if (given.incarnation < before.self.incarnation) return
          expect(after.self.incarnation).toBeGreaterThan(given.incarnation)
          expect(effects.some((e) => e.type === 'announce')).toBe(true)
        })
      }),
    )
  })

  it('comes to the same view of records whatever their order', () => {
    const record = fc.tuple(peer, fc.nat(5), fc.constantFrom('here' as const, 'leaving' as const))
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), fc.nat(), (records, seed) => {
        const shuffled = records
          .map((one, i) => ({ one, key: (i * 7_919 + seed * 104_729) % 97 }))
          .sort((x, y) => x.key - y.key)
          .map(({ one }) => one)
        const view = (list: typeof records) => {
          const end = replay(
            list.map(([id, n, state]) => [
              0,
              { type: 'heard', peer: id, presence: presence(n, state) },
            ]),
            () => {},
          )
          return [...end.peers]
            .map(([id, { presence: p, status }]) => [id, p.incarnation, p.state, status])
            .sort()
        }
        expect(view(shuffled)).toEqual(view(records))
      }),
    )
  })

  it('a silent peer is gone in the end, and the timer is always set for what comes next', () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        let state = replay(steps, () => {})
        for (const id of [a!, b!, c!]) {
          state = stepMembership(config, state, {
            type: 'link',
            peer: id,
            up: false,
            at: 2e6,
          }).state
        }
        state = stepMembership(config, state, { type: 'timer', at: 2e6, dice: 0 }).state
        for (let i = 0; i < 200; i++) {
          expect(state.timerAt).toBeDefined()
          state = stepMembership(config, state, {
            type: 'timer',
            at: state.timerAt!,
            dice: 0,
          }).state
        }
        for (const view of state.peers.values()) expect(view.status).toBe('gone')
      }),
    )
  })
})
