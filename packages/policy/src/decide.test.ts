import type { PeerId } from '@folkmoot/identity'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounters } from './counters.ts'
import { type AccessRequest, decide } from './decide.ts'
import { type Exposure, resolveExposure } from './exposure.ts'

const ann = 'ann' as PeerId
const bob = 'bob' as PeerId
const cat = 'cat' as PeerId
const review: Exposure = { capability: 'review', to: 'members', maxConcurrent: 2, ratePerMinute: 3 }
const request: AccessRequest = { capability: 'review', peer: ann, role: 'member' }

const exposed = (exposures: readonly Exposure[]) =>
  new Map(exposures.map((each) => [each.capability, resolveExposure(each)]))

function codeOf(exposures: readonly Exposure[], change: Partial<AccessRequest> = {}): string {
  const verdict = decide(exposed(exposures), { ...request, ...change }, createCounters(), 0)
  return verdict.ok ? 'ok' : verdict.fault.code
}

describe('default deny', () => {
  test('a new peer exposes nothing', () => {
    expect(codeOf([])).toBe('policy/not-exposed')
  })

  test('what is exposed to others answers as what does not exist', () => {
    const exposures = exposed([{ ...review, to: { peers: [bob] } }])
    const hidden = decide(exposures, request, createCounters(), 0)
    const absent = decide(exposures, { ...request, capability: 'none' }, createCounters(), 0)
    expect(hidden).toEqual(absent)
  })

  test.each<[string, Exposure['to'], Partial<AccessRequest>, string]>([
    ['every member', 'members', {}, 'ok'],
    ['every member, observers too', 'members', { role: 'observer' }, 'ok'],
    ['every member, but no stranger', 'members', { role: undefined }, 'policy/not-exposed'],
    ['a named peer', { peers: [ann] }, {}, 'ok'],
    ['a named peer, but not another', { peers: [ann] }, { peer: bob }, 'policy/not-exposed'],
    ['a named peer that is no member', { peers: [ann] }, { role: undefined }, 'policy/not-exposed'],
    ['a role', { roles: ['member'] }, {}, 'ok'],
    ['a role, but not another', { roles: ['member'] }, { role: 'observer' }, 'policy/not-exposed'],
    ['nobody', { peers: [] }, {}, 'policy/not-exposed'],
  ])('open to %s', (_name, to, change, code) => {
    expect(codeOf([{ ...review, to }], change)).toBe(code)
  })

  test('whatever is asked, only what is exposed to the asker is let in', () => {
    const name = fc.constantFrom('review', 'list', 'constructor', '__proto__', '')
    const role = fc.constantFrom('member', 'observer', undefined)
    fc.assert(
      fc.property(name, fc.constantFrom(ann, bob), role, (capability, peer, as) => {
        const open = codeOf([{ ...review, to: { peers: [ann] } }], { capability, peer, role: as })
        expect(open === 'ok').toBe(capability === 'review' && peer === ann && as !== undefined)
      }),
    )
  })
})

describe('limits', () => {
  const exposures = exposed([review])

  test('one peer’s rate is its own and comes back after a minute', () => {
    const counters = createCounters()
    const ask = (peer: PeerId, now: number) => {
      const verdict = decide(exposures, { ...request, peer }, counters, now)
      if (verdict.ok) counters.start({ capability: 'review', peer, now })()
      return verdict.ok ? 'ok' : verdict.fault.code
    }
    expect([0, 1, 2, 3].map((now) => ask(ann, now))).toEqual(['ok', 'ok', 'ok', 'policy/rate'])
    expect(ask(bob, 3)).toBe('ok')
    expect(ask(ann, 59_999)).toBe('policy/rate')
    expect(ask(ann, 60_000)).toBe('ok')
    expect(ask(ann, 60_000)).toBe('policy/rate')
  })

  test('calls at once are counted over all peers, until each has ended', () => {
    const counters = createCounters()
    const first = counters.start({ capability: 'review', peer: cat, now: 0 })
    counters.start({ capability: 'review', peer: bob, now: 0 })
    const code = () => {
      const verdict = decide(exposures, request, counters, 1)
      return verdict.ok ? 'ok' : verdict.fault.code
    }
    expect(code()).toBe('policy/busy')
    first()
    first()
    expect(code()).toBe('ok')
    expect(counters.running('review')).toBe(1)
  })

  test('one peer holds an eighth of the places, and gets them back', () => {
    const counters = createCounters()
    const sixteen = exposed([{ ...review, maxConcurrent: 16, ratePerMinute: 100 }])
    const ask = (peer: PeerId) => decide(sixteen, { ...request, peer }, counters, 0).ok
    const ends = [1, 2].map(() => counters.start({ capability: 'review', peer: ann, now: 0 }))
    expect([ask(ann), ask(bob)]).toEqual([false, true])
    ends[0]!()
    expect([ask(ann), counters.runningOf('review', ann)]).toEqual([true, 1])
    const own = { ...review, maxConcurrentPerPeer: 2 }
    expect(decide(exposed([own]), request, counters, 0).ok).toBe(true)
  })

  test('no peer ever starts more in any minute than its rate', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 40 }), (gaps) => {
        const counters = createCounters()
        const started: number[] = []
        let now = 0
        for (const gap of gaps) {
          now += gap
          if (!decide(exposures, request, counters, now).ok) continue
          counters.start({ capability: 'review', peer: ann, now })()
          started.push(now)
        }
        for (const at of started) {
          const minute = started.filter((each) => each > at - 60_000 && each <= at)
          expect(minute.length).toBeLessThanOrEqual(review.ratePerMinute)
        }
      }),
    )
  })
})

test('budgets are recorded and refuse nothing', () => {
  const counters = createCounters()
  counters.start({ capability: 'review', peer: ann, now: 0, budget: { ms: 10, tokens: 5 } })
  counters.start({ capability: 'review', peer: bob, now: 0, budget: { ms: 1 } })
  expect(counters.granted()).toEqual({ ms: 11, tokens: 5 })
})

test('all problems of an exposure are named at once', () => {
  const bad = { ...review, capability: '', maxConcurrent: 0, ratePerMinute: 0.5 }
  expect(() => resolveExposure(bad)).toThrow(
    expect.objectContaining({
      code: 'policy/exposure',
      details: { problems: [expect.any(String), expect.any(String), expect.any(String)] },
    }),
  )
})
