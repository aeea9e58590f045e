import type { PeerId } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answersNewcomer, beliefMs, presencePeriodMs } from './announcing.ts'
import {
  crowdSize,
  type Membership,
  type MembershipEffect,
  membershipDefaults,
  newMembership,
  present,
  stepMembership,
} from './membership.ts'
import { encodePresence, type Presence, parsePresence } from './presence.ts'
import { suspicionDeadline } from './suspicion.ts'

const [self, ana, bo] = ['12D3self', '12D3ana', '12D3bo'] as PeerId[]
const config = { ...membershipDefaults, self: self! }
const record = (incarnation: number, state: Presence['state'] = 'here'): Presence => ({
  v: 1,
  incarnation,
  nickname: 'Ana',
  role: 'member',
  addrs: ['/ip4/127.0.0.1/tcp/1/ws'],
  state,
  worker: true,
  protocol: 1,
})
const fresh = () => newMembership(record(1))

/** Lets the timers run, on time, until `end`; returns everything that left. */
function runUntil(from: Membership, end: number) {
  let state = from
  const effects: MembershipEffect[] = []
  while (state.timerAt !== undefined && state.timerAt <= end) {
    const step = stepMembership(config, state, { type: 'timer', at: state.timerAt, dice: 0 })
    state = step.state
    effects.push(...step.effects)
  }
  return { state, effects }
}

describe('a membership', () => {
  it('announces itself at once, then after its period', () => {
    const first = stepMembership(config, fresh(), { type: 'timer', at: 0, dice: 0.5 })
    expect(first.effects.map((e) => e.type)).toEqual(['announce', 'set-timer'])
    const early = stepMembership(config, first.state, { type: 'timer', at: 1_000, dice: 0.5 })
    expect(early.effects.some((e) => e.type === 'announce')).toBe(false)
    const due = stepMembership(config, first.state, { type: 'timer', at: 5_000, dice: 0.5 })
    expect(due.effects.some((e) => e.type === 'announce')).toBe(true)
  })

  it('sees a peer join, fall silent, be suspected, and go', () => {
    let { state } = stepMembership(config, fresh(), {
      type: 'heard',
      peer: ana!,
      presence: record(7),
      at: 0,
    })
    expect(present(state)).toMatchObject([{ peer: ana, status: 'here' }])
    const silent = runUntil(state, 3 * presencePeriodMs(2))
    expect(silent.effects).toContainEqual({ type: 'suspect', peer: ana, incarnation: 7 })
    state = silent.state
    const gone = runUntil(state, 60_000)
    expect(gone.effects).toContainEqual({ type: 'gone', peer: ana, why: 'silent' })
  })

  it('is not moved by an accusation or a record of an incarnation that is yet to come', () => {
    const at = 1_800_000_000_000
    const born = newMembership(record(at))
    for (const incarnation of [Number.MAX_SAFE_INTEGER, 2 ** 52, at + 3_600_000]) {
      const inputs = [
        { type: 'accused', peer: self!, accuser: bo!, incarnation, at },
        { type: 'heard', peer: self!, presence: record(incarnation), at },
        { type: 'heard', peer: ana!, presence: record(incarnation), at },
      ] as const
      for (const input of inputs) {
        const { state } = stepMembership(config, born, input)
        expect(state.self).toEqual(born.self)
        expect(present(state)).toEqual([])
      }
    }
  })

  it('refutes what is said of an earlier life so that others believe it', () => {
    const at = 1_800_000_000_000
    const incarnation = at + 60_000
    const { state } = stepMembership(config, newMembership(record(at)), {
      type: 'accused',
      peer: self!,
      accuser: bo!,
      incarnation,
      at,
    })
    expect(state.self.incarnation).toBe(incarnation + 1)
    const elsewhere = { ...config, self: ana! }
    const heard = stepMembership(elsewhere, fresh(), {
      type: 'heard',
      peer: self!,
      presence: state.self,
      at: at - 120_000,
    })
    expect(present(heard.state)).toMatchObject([{ peer: self, status: 'here' }])
  })

  it('comes back to the present after its clock was corrected', () => {
    const at = 1_800_000_000_000
    const born = newMembership(record(at + 3_600_000))
    const { state } = stepMembership(config, born, { type: 'own', change: {}, at })
    expect(state.self.incarnation).toBe(at + 1)
  })

  it('lets a suspect refute with a newer record, but not with the same one', () => {
    const heard = stepMembership(config, fresh(), {
      type: 'heard',
      peer: ana!,
      presence: record(7),
      at: 0,
    })
    const accusation = { type: 'accused', peer: ana!, accuser: bo!, incarnation: 7, at: 1 } as const
    const suspect = stepMembership(config, heard.state, accusation)
    const same = stepMembership(config, suspect.state, {
      type: 'heard',
      peer: ana!,
      presence: record(7),
      at: 2,
    })
    expect(present(same.state)).toMatchObject([{ status: 'suspect' }])
    const newer = stepMembership(config, suspect.state, {
      type: 'heard',
      peer: ana!,
      presence: record(8),
      at: 2,
    })
    expect(present(newer.state)).toMatchObject([{ status: 'here' }])
  })

  it('believes its own link more than an accuser', () => {
    let { state } = stepMembership(config, fresh(), {
      type: 'heard',
      peer: ana!,
      presence: record(7),
      at: 0,
    })
    state = stepMembership(config, state, { type: 'link', peer: ana!, up: true, at: 1 }).state
    state = stepMembership(config, state, {
      type: 'accused',
      peer: ana!,
      accuser: bo!,
      incarnation: 7,
      at: 2,
    }).state
    expect(present(state)).toMatchObject([{ status: 'here' }])
  })

  it('suspects a peer soon after their link broke', () => {
    let { state } = stepMembership(config, fresh(), {
      type: 'heard',
      peer: ana!,
      presence: record(7),
      at: 0,
    })
    state = stepMembership(config, state, { type: 'link', peer: ana!, up: true, at: 1 }).state
    state = stepMembership(config, state, { type: 'link', peer: ana!, up: false, at: 100 }).state
    const step = runUntil(state, 5_500)
    expect(step.effects).toContainEqual({ type: 'suspect', peer: ana, incarnation: 7 })
  })

  it('takes a goodbye at once, and an older record does not undo it', () => {
    const bye = stepMembership(config, fresh(), {
      type: 'heard',
      peer: ana!,
      presence: record(7),
      at: 0,
    })
    const left = stepMembership(config, bye.state, {
      type: 'heard',
      peer: ana!,
      presence: record(8, 'leaving'),
      at: 1,
    })
    expect(left.effects).toContainEqual({ type: 'gone', peer: ana, why: 'left' })
    const old = stepMembership(config, left.state, {
      type: 'heard',
      peer: ana!,
      presence: record(7),
      at: 2,
    })
    expect(present(old.state)).toMatchObject([{ status: 'gone' }])
  })

  /** One peer more every `everyMs`, each heard once. */
  function hearing(told: number, most: number, everyMs: number, end: number) {
    let { state } = stepMembership(config, fresh(), { type: 'told', peers: told, at: 0 })
    const effects: MembershipEffect[] = []
    for (let n = 0; n < most && n * everyMs < end; n++) {
      const run = runUntil(state, n * everyMs)
      effects.push(...run.effects)
      const heard = { peer: `12D3peer${n}` as PeerId, presence: record(7), at: n * everyMs }
      state = stepMembership(config, run.state, { type: 'heard', ...heard }).state
    }
    const { state: last, effects: more } = runUntil(state, end)
    return { state: last, effects: [...effects, ...more] }
  }

  it('waits for those it was told of as long as so many take to speak, while it goes on hearing new ones', () => {
    const period = presencePeriodMs(1_000)
    // Half of what so many say.
    const { state, effects } = hearing(1_000, 500, period / 500, period - 1)
    expect(crowdSize(state, period - 1)).toBe(1_000)
    expect(effects.map(({ type }) => type)).not.toContain('suspect')
    // By then everyone has spoken: who was not heard is not there.
    expect(crowdSize(state, period)).toBe(501)
    expect(runUntil(state, 4 * period).effects.map(({ type }) => type)).toContain('suspect')
  })

  it.each([1, 5, 50])(
    'is not made to wait by a relay that names a million where %i others are here',
    (others) => {
      const told = 1_000_000
      const honest = presencePeriodMs(others + 1)
      const end = 4 * honest + 120_000
      const { state, effects } = hearing(told, others, honest / others, end)
      expect(presencePeriodMs(told)).toBe(60 * 60_000)
      expect(crowdSize(state, end)).toBe(others + 1)
      // By its own period from then on, though nothing else wakes it.
      const later = runUntil(state, end + 3 * honest)
      const announced = [...effects, ...later.effects].filter(({ type }) => type === 'announce')
      expect(announced.length).toBeGreaterThanOrEqual(2)
      expect([...effects, ...later.effects].some(({ type }) => type === 'suspect')).toBe(true)
    },
  )

  it('accuses more slowly while its own timers are late', () => {
    let { state } = stepMembership(config, fresh(), { type: 'timer', at: 0, dice: 0 })
    for (let at = 60_000; at < 600_000; at += 60_000) {
      state = stepMembership(config, state, { type: 'timer', at, dice: 0 }).state
    }
    expect(state.health).toBeGreaterThan(2)
  })
})

describe('the arithmetic', () => {
  it('lets fewer announce the more there are, and never slower than once an hour', () => {
    expect(presencePeriodMs(1)).toBe(5_000)
    expect(presencePeriodMs(1_000)).toBe(50 * 60_000)
    expect(presencePeriodMs(1e9)).toBe(60 * 60_000)
  })

  it('believes in a crowd until it has spoken, and in none longer than it is heard', () => {
    expect(beliefMs(20, 5)).toBe(presencePeriodMs(20))
    expect(beliefMs(1_000, 1_000)).toBe(presencePeriodMs(1_000))
    expect(beliefMs(1_000_000, 1)).toBe(132_000)
  })

  it('has every one of a small group answer a newcomer, about 32 of a large one, and all who can be dialled', () => {
    const answering = (peers: number, addresses: number) =>
      Array.from({ length: peers }, (_, at) => at / peers).filter((dice) =>
        answersNewcomer({ peers, addresses }, dice),
      ).length
    expect(answering(20, 0)).toBe(20)
    expect(answering(1_000, 0)).toBe(32)
    expect(answering(1_000, 1)).toBe(1_000)
  })

  it('shortens a suspicion with each accuser', () => {
    const { suspicion: limits } = membershipDefaults
    const end = (n: number) =>
      suspicionDeadline(
        limits,
        {
          since: 0,
          incarnation: 0,
          accusers: new Set(Array.from({ length: n }, (_, i) => `${i}` as PeerId)),
        },
        1,
      )
    expect(end(1)).toBe(36_000)
    expect(end(2)).toBeLessThan(end(1))
    expect(end(4)).toBe(6_000)
    expect(end(40)).toBe(6_000)
  })
})

describe('a presence record', () => {
  it('comes back as it was', () => {
    expect(parsePresence(encodePresence(record(3)))).toEqual({ ok: true, presence: record(3) })
  })

  it('is refused with control characters in the nickname, unknown fields or too many addresses', () => {
    const hostile = [
      { ...record(1), nickname: 'a\u202eb' },
      { ...record(1), nickname: 'x'.repeat(33) },
      { ...record(1), more: 1 },
      { ...record(1), v: 2 },
      { ...record(1), addrs: Array.from({ length: 9 }, () => 'a') },
      { ...record(1), incarnation: -1 },
    ]
    for (const one of hostile) {
      expect(parsePresence(encodePresence(one as Presence))).toMatchObject({
        ok: false,
        fault: { code: 'membership/malformed' },
      })
    }
  })

  it('never throws on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !parsePresence(bytes).ok))
  })
})
