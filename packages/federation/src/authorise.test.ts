import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { echo, gate, openToMembers } from '../test/capabilities.ts'
import type { Peer } from './peer.ts'

const never = { ok: true, output: 'never' } as const

describe('what a peer lets others call', () => {
  let federation: LoopbackFederation
  let ann: Peer
  let bob: Peer
  beforeAll(async () => {
    federation = await startLoopbackFederation()
    ;[ann, bob] = (await Promise.all([federation.join(), federation.join()])) as [Peer, Peer]
  })
  afterAll(() => federation.stop())
  const relay = () => federation.founder()

  it('is nothing by default, and a name that does not exist answers exactly the same', async () => {
    let ran = 0
    relay().exchange.expose({
      capability: echo({ name: 'test.for-bob' }),
      exposure: { ...openToMembers, to: { peers: [bob.me] } },
      handler: async () => {
        ran += 1
        return { ok: true, output: 'secret' }
      },
    })
    relay().exchange.expose({
      capability: echo({ name: 'test.for-founders' }),
      exposure: { ...openToMembers, to: { roles: ['founder' as never] } },
      handler: async () => {
        ran += 1
        return { ok: true, output: 'secret' }
      },
    })
    const answers = []
    for (const name of ['test.for-bob', 'test.for-founders', 'test.never-there', 'x']) {
      answers.push(await ann.call(relay().me, echo({ name }), 'hello'))
    }
    for (const answer of answers) {
      expect(answer).toEqual({
        ok: false,
        fault: { code: 'policy/not-exposed', message: 'not exposed to you' },
      })
    }
    // Neither does a body of the wrong shape tell one from the other: it is not looked at.
    const odd = { ...echo({ name: 'test.for-bob' }), input: echo().output }
    expect(await ann.call(relay().me, odd, 'x'.repeat(1_999))).toEqual(answers[0])
    expect(ran).toBe(0)
    expect(await bob.call(relay().me, echo({ name: 'test.for-bob' }), 'hello')).toEqual({
      ok: true,
      output: 'secret',
    })
  })

  it('is nothing that could never be called: a limit below one is a mistake, and is said to be', async () => {
    const closed = { capability: echo({ name: 'test.closed' }), handler: async () => never }
    const exposure = { ...openToMembers, maxConcurrent: 0 }
    expect(() => relay().exchange.expose({ ...closed, exposure })).toThrow(
      expect.objectContaining({ code: 'policy/exposure' }),
    )
    expect(await ann.call(relay().me, closed.capability, 'hello')).toMatchObject({
      fault: { code: 'policy/not-exposed' },
    })
  })

  it('is bounded a minute for each caller', async () => {
    relay().exchange.expose({
      capability: echo({ name: 'test.rare' }),
      exposure: { to: 'members', maxConcurrent: 100, ratePerMinute: 5 },
      handler: async (output) => ({ ok: true, output }),
    })
    const rare = echo({ name: 'test.rare' })
    // All at once: what is on its way to the log counts like what runs.
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => ann.call(relay().me, rare, `${at}`)),
    )
    expect(answers.filter(({ ok }) => ok).length).toBe(5)
    for (const answer of answers) if (!answer.ok) expect(answer.fault.code).toBe('policy/rate')
    expect((await bob.call(relay().me, rare, 'bob')).ok).toBe(true)
  })

  it.each(['full', 'counted'] as const)('is bounded in calls at once (%s)', async (logging) => {
    const busy = echo({ name: `test.busy-${logging}`, logging })
    const { opened, open } = gate()
    let running = 0
    let most = 0
    relay().exchange.expose({
      capability: busy,
      exposure: { to: 'members', maxConcurrent: 3, maxConcurrentPerPeer: 2, ratePerMinute: 1_000 },
      handler: async (output) => {
        most = Math.max(most, ++running)
        await opened
        running -= 1
        return { ok: true, output }
      },
    })
    const calls = Array.from({ length: 10 }, (_, at) =>
      (at % 2 === 0 ? ann : bob).call(relay().me, busy, `${at}`, { deadlineMs: 60_000 }),
    )
    let refused = 0
    for (const call of calls) void call.then((answer) => answer.ok || refused++)
    await waitUntil('the others are refused', () => refused === 7)
    open()
    const answers = await Promise.all(calls)
    expect(most).toBe(3)
    expect(answers.filter(({ ok }) => ok).length).toBe(3)
    for (const answer of answers) if (!answer.ok) expect(answer.fault.code).toBe('policy/busy')
    // Their places are free again.
    expect((await ann.call(relay().me, busy, 'later')).ok).toBe(true)
  })

  it('gives the place back when a handler fails, and when a body is refused', async () => {
    const fragile = echo({ name: 'test.fragile' })
    relay().exchange.expose({
      capability: fragile,
      exposure: { to: 'members', maxConcurrent: 1, ratePerMinute: 1_000 },
      handler: async (output) => {
        if (output === 'throw') throw new Error('it broke')
        return { ok: true, output }
      },
    })
    for (let at = 0; at < 3; at++) {
      expect(await ann.call(relay().me, fragile, 'throw')).toMatchObject({
        fault: { code: 'federation/handler', message: 'it broke' },
      })
      expect(
        await ann.call(relay().me, { ...fragile, input: v.any() }, { odd: true }),
      ).toMatchObject({ ok: false })
      expect(await ann.call(relay().me, fragile, 'fine')).toEqual({ ok: true, output: 'fine' })
    }
  })
})
