/** What members do while their relay is away and when it is back; and members that go. */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { penguinsStudy } from '@folkmoot/example-penguins'
import { createChecker } from '@folkmoot/identity'
import { createNodeSandbox } from '@folkmoot/sandbox/node'
import { nodeVerifier } from '@folkmoot/storage/node'
import type { StudyId } from '@folkmoot/studies'
import { verifyBundle } from '@folkmoot/studies/bundle'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { echo, openToMembers } from '../test/capabilities.ts'
import type { Peer } from './peer.ts'

let federation: LoopbackFederation
afterEach(() => federation.stop())

const study = async (units: number): Promise<StudyId> => {
  const id = await federation.openStudy(await penguinsStudy({ units, permutationsPerUnit: 20_000 }))
  return id
}
const work = async (member: Peer, id: StudyId) => {
  await waitUntil('the study is here', () => member.studies.room(id) !== undefined)
  await member.consent(id, 'ab'.repeat(32), '1')
  return member.studies.contribute(id, 1)
}
const isFinal = (peer: Peer, id: StudyId) => {
  const found = peer.ledger.state.state().study(id)
  return found !== undefined && found.final === found.units
}
function expose(peer: Peer) {
  peer.exchange.expose({
    capability: echo(),
    exposure: openToMembers,
    handler: async (output) => ({ ok: true, output }),
  })
}

describe('a relay that stops and comes back', () => {
  it('finds its members again, and records what they did meanwhile', {
    timeout: 240_000,
  }, async () => {
    federation = await startLoopbackFederation()
    const members = await Promise.all([federation.join(), federation.join()])
    const [ann, bob] = members as [Peer, Peer]
    const id = await study(6)
    await waitUntil('both have it', () => members.every((each) => each.studies.room(id)))
    // The code is there before the relay goes: a unit was computed.
    await work(ann, id)
    await waitUntil('ann has begun', () => ann.studies.contribution(id)!.peek().done > 0)
    const height = federation.founder().ledger.status().height
    await federation.stopFounder()
    await waitUntil('they see that it is away', () => members.every((each) => !each.relay().up))
    // Each goes on with what it has; what needs the relay says that it is out of reach.
    expect((await ann.report(id, 'just asking')).ok).toBe(false)

    const founder = await federation.startFounder()
    // A checkpoint of its log may have come meanwhile.
    expect(founder.ledger.status().height).toBeGreaterThanOrEqual(height)
    await waitUntil('they are back', () => members.every((each) => each.relay().up), 120_000)
    await work(bob, id)
    await waitUntil('all is recorded', () => isFinal(founder, id), 120_000)
    for (const each of members) await waitUntil('and followed', () => isFinal(each, id))
    expect(Object.fromEntries(founder.ledger.state.state().credits)).toEqual({
      [ann.me]: 6,
      [bob.me]: 6,
    })
    expose(founder)
    expect(await ann.call(founder.me, echo(), 'hello')).toEqual({ ok: true, output: 'hello' })
    for (const each of [founder, ...members]) {
      expect((await each.audit.verify()).ok).toBe(true)
      expect(each.ledger.status().halted).toBeUndefined()
    }
  })

  it('lets a member start without it, which joins when it is back', {
    timeout: 240_000,
  }, async () => {
    federation = await startLoopbackFederation()
    const state = join(await mkdtemp(join(federation.folder, 'kept-')), 'state')
    const member = await federation.join({ state })
    const { me } = member
    await member.stop()
    await federation.stopFounder()
    const alone = await federation.join({ state, invitation: null })
    expect(alone.me).toBe(me)
    expect(alone.relay().up).toBe(false)
    expect(alone.ledger.status().height).toBeGreaterThan(0)
    const founder = await federation.startFounder()
    const id = await study(2)
    await waitUntil('it follows again', () => alone.studies.room(id) !== undefined, 120_000)
    const level = () => alone.ledger.status().height === founder.ledger.status().height
    await waitUntil('it has all', level)
  })
})

describe('a member that is revoked', () => {
  it('is cut off, and nothing that it says afterwards is heard', { timeout: 240_000 }, async () => {
    federation = await startLoopbackFederation()
    const state = join(await mkdtemp(join(federation.folder, 'kept-')), 'state')
    const [ann, mal] = await Promise.all([federation.join(), federation.join({ state })])
    const relay = federation.founder()
    const id = await study(4)
    await work(mal!, id)
    await waitUntil('mal has given all its results', () =>
      [0, 1, 2, 3].every((unit) => relay.studies.room(id)!.results.ofUnit(unit).length > 0),
    )
    expose(relay)
    expect((await mal!.call(relay.me, echo(), 'before')).ok).toBe(true)

    const cutAt = Date.now()
    expect((await relay.revokePeer(mal!.me, 'it lied')).ok).toBe(true)
    await waitUntil(
      'its links are closed',
      () => !relay.transport.links().some((link) => link.peer === mal!.me),
      20_000,
    )
    expect(Date.now() - cutAt).toBeLessThan(20_000)
    expect(await mal!.call(relay.me, echo(), 'after', { deadlineMs: 5_000 })).toMatchObject({
      ok: false,
    })
    // Its results count no more, and it gets no other way in.
    await waitUntil('its votes are gone', () =>
      relay.studies
        .room(id)!
        .acceptance()
        .units.every((unit) => unit.supporters.length === 0),
    )
    await mal!.stop()
    const again = await federation.join({ state }).then(
      (peer) => peer.relay().up,
      (error) => error.code,
    )
    expect(again === false || again === 'federation/revoked').toBe(true)
    expect(relay.transport.links().some((link) => link.peer === mal!.me)).toBe(false)
    // The others go on without it.
    const bob = await federation.join()
    await Promise.all([ann!, bob].map((each) => work(each, id)))
    await waitUntil('the study is recorded', () => isFinal(relay, id), 120_000)
    expect(Object.keys(Object.fromEntries(relay.ledger.state.state().credits)).sort()).toEqual(
      [ann!.me, bob.me].sort(),
    )
  })
})

describe('a member that leaves', () => {
  it('keeps what became final, and the study its results', { timeout: 240_000 }, async () => {
    federation = await startLoopbackFederation()
    const [ann, bob] = (await Promise.all([federation.join(), federation.join()])) as [Peer, Peer]
    const relay = federation.founder()
    const id = await study(4)
    await Promise.all([ann, bob].map((each) => work(each, id)))
    await waitUntil('the study is recorded', () => isFinal(relay, id), 120_000)
    expect((await bob.leave()).ok).toBe(true)
    await bob.stop()
    const state = relay.ledger.state.state()
    await waitUntil('it is no member any more', () => !state.isMember(bob.me))
    expect(state.credits.get(bob.me)).toBe(4)
    expect(relay.studies.room(id)!.acceptance()).toMatchObject({ complete: true, acceptedCount: 4 })
    await waitUntil('nobody shows it as here', () =>
      relay.present().every((each) => each.peer !== bob.me || each.status !== 'here'),
    )
    const sandbox = createNodeSandbox()
    const verdict = await verifyBundle(await relay.bundle(id), {
      checker: createChecker(nodeVerifier()),
      run: (code, input, limits) => sandbox.run({ code, input, limits, share: 1 }).done,
      expectFed: relay.fed,
    })
    await sandbox.close()
    expect(verdict).toMatchObject({ ok: true, final: 4, workers: 2, results: 8 })
  })
})
