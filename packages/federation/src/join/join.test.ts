import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { FederationError } from '@folkmoot/base'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { echo, openToMembers } from '../../test/capabilities.ts'
import type { Peer } from '../peer.ts'
import type { Platform } from '../platform.ts'

let federation: LoopbackFederation
afterEach(() => federation.stop())

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'joined',
    (error) => (error instanceof FederationError ? error.code : String(error)),
  )
const invite = (validMs: number, uses = 10) =>
  federation
    .founder()
    .invite({ uses, validMs, role: 'member', cohort: '', relays: federation.relays() })
    .then(({ id, invitation, seed }) => ({ id, bytes: invitation, seed }))

/** A machine whose clock is off. */
const offBy =
  (ms: number) =>
  (platform: Platform): Platform => ({
    ...platform,
    clock: { now: () => platform.clock.now() + ms },
  })

describe('an invitation', () => {
  it('admits exactly as many as it has uses, however many come at once', {
    timeout: 240_000,
  }, async () => {
    federation = await startLoopbackFederation({ uses: 5 })
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(federation.join())))
    expect(codes.filter((code) => code === 'joined').length).toBe(5)
    for (const code of codes.filter((each) => each !== 'joined')) {
      expect(code).toMatch(/^(federation\/invitation-used-up|ledger\/)/)
    }
    const state = federation.founder().ledger.state.state()
    expect(state.invitation(federation.invitation.id)).toMatchObject({ used: 5, left: 0 })
    // And the founder.
    expect([...state.members.values()].filter(({ status }) => status === 'active').length).toBe(6)
  })

  it('is refused in words when it has expired, was withdrawn, or never was', async () => {
    federation = await startLoopbackFederation()
    // Long enough to become final on a busy machine.
    const shortMs = 2_000
    const short = await invite(shortMs)
    await new Promise((resolve) => setTimeout(resolve, shortMs + 50))
    expect(await codeOf(federation.join({ invitation: short }))).toBe(
      'federation/invitation-expired',
    )
    const withdrawn = await invite(60_000)
    await federation.founder().revokeInvitation(withdrawn.id)
    expect(await codeOf(federation.join({ invitation: withdrawn }))).toBe(
      'federation/invitation-revoked',
    )
    expect(await codeOf(federation.join({ invitation: null }))).toBe('federation/not-invited')
    const good = await invite(60_000)
    const wrongKey = { ...good, seed: new Uint8Array(32).fill(9) }
    expect(await codeOf(federation.join({ invitation: wrongKey }))).toBe(
      'federation/invitation-forged',
    )
    const damaged = good.bytes.slice()
    damaged[damaged.length - 5]! ^= 1
    expect(await codeOf(federation.join({ invitation: { ...good, bytes: damaged } }))).toBe(
      'federation/invitation-forged',
    )
    expect([...federation.founder().ledger.state.state().members.keys()]).toEqual([
      federation.founder().me,
    ])
    // None of that took a use.
    expect(federation.founder().ledger.state.state().invitation(good.id)).toMatchObject({ used: 0 })
  })

  it('for observers makes an observer of who joins by it', async () => {
    federation = await startLoopbackFederation()
    const relay = federation.founder()
    const made = await relay.invite({
      uses: 1,
      validMs: 60_000,
      role: 'observer',
      cohort: '',
      relays: federation.relays(),
    })
    const { invitation: bytes, seed } = made
    const observer = await federation.join({ invitation: { bytes, seed } })
    expect(relay.ledger.state.state().members.get(observer.me)?.role).toBe('observer')
    await waitUntil('the others see it as one', () =>
      relay.present().some((each) => each.peer === observer.me && each.role === 'observer'),
    )
  })

  it('is not needed again by a member that returns, and takes no second use', async () => {
    federation = await startLoopbackFederation({ uses: 1 })
    const state = join(await mkdtemp(join(federation.folder, 'kept-')), 'state')
    const member = await federation.join({ state })
    const { me } = member
    await member.stop()
    const again = await federation.join({ state, invitation: null })
    expect(again.me).toBe(me)
    const { used } = federation.founder().ledger.state.state().invitation(federation.invitation.id)!
    expect(used).toBe(1)
  })
})

describe('a member whose clock is off', () => {
  it.each([
    ['an hour fast', 3_600_000],
    ['a minute fast', 60_000],
    ['an hour slow', -3_600_000],
  ])('by %s joins and calls both ways', { timeout: 120_000 }, async (_, ms) => {
    federation = await startLoopbackFederation()
    const member = await federation.join({ replace: offBy(ms) })
    expect(Math.abs(member.clockOffsetMs() + ms)).toBeLessThan(30_000)
    const call = async (from: Peer, to: Peer) => {
      to.exchange.expose({
        capability: echo(),
        exposure: openToMembers,
        handler: async (output) => ({ ok: true, output }),
      })
      return from.call(to.me, echo(), 'hello')
    }
    expect(await call(member, federation.founder())).toEqual({ ok: true, output: 'hello' })
    expect(await call(federation.founder(), member)).toEqual({ ok: true, output: 'hello' })
    await waitUntil('both hear of each other', () =>
      [member, federation.founder()].every((peer) => peer.present().length === 2),
    )
  })
})

describe('a clock that is set while the link stands', () => {
  const call = (from: Peer, to: Peer) => {
    to.exchange.expose({
      capability: echo(),
      exposure: openToMembers,
      handler: async (output) => ({ ok: true, output }),
    })
    return from.call(to.me, echo(), 'hello', { deadlineMs: 5_000 })
  }
  const hello = { ok: true, output: 'hello' }
  /** A machine whose clock can be set. */
  const settable = () => {
    const set = { byMs: 0 }
    const replace = (platform: Platform): Platform => ({
      ...platform,
      clock: { now: () => platform.clock.now() + set.byMs },
    })
    return { set, replace }
  }

  it.each([
    ['an hour back', -3_600_000],
    ['an hour forward', 3_600_000],
  ])('by %s on a member is noticed', { timeout: 120_000 }, async (_, ms) => {
    federation = await startLoopbackFederation()
    const { set, replace } = settable()
    const member = await federation.join({ replace })
    expect(await call(member, federation.founder())).toEqual(hello)
    const links = member.transport.links().map(({ since }) => since)
    set.byMs = ms
    await waitUntil('the relay was asked', () => Math.abs(member.clockOffsetMs() + ms) < 60_000)
    await waitUntil(
      'both ways work',
      async () =>
        (await call(member, federation.founder())).ok &&
        (await call(federation.founder(), member)).ok,
    )
    // The same link: nothing had to break for it to be noticed.
    expect(member.transport.links().map(({ since }) => since)).toEqual(links)
  })

  it('on the relay is noticed, and its members follow', { timeout: 120_000 }, async () => {
    const { set, replace } = settable()
    set.byMs = 3_600_000
    federation = await startLoopbackFederation({ relayPlatform: replace })
    const member = await federation.join()
    expect(await call(member, federation.founder())).toEqual(hello)
    set.byMs = 0
    await waitUntil('the member follows', () => Math.abs(member.clockOffsetMs()) < 60_000)
    await waitUntil(
      'both ways work',
      async () =>
        (await call(member, federation.founder())).ok &&
        (await call(federation.founder(), member)).ok,
    )
  })
})
