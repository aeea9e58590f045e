/** Links that carry a seat: who may make them, and what becomes of whoever joins by one. */
import type { Charter, Signer } from '@folkmoot/identity'
import { describe, expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { votingWorld } from '../test/voting-world.ts'
import { outcomeOf } from '../test/world.ts'

async function moot(approval: Charter['approval'] = {}) {
  const made = await votingWorld(4, { approval })
  const { world } = made
  const link = (by: Signer, n: number) =>
    world.invitation(by, testSigner(200 + n), { role: 'voter', cohort: 'org 5' })
  const record = async (by: Signer, { bytes }: Awaited<ReturnType<typeof link>>) =>
    outcomeOf(await world.submit(by, 'invitation.create', { invitation: bytes }))
  const admit = async (
    used: Awaited<ReturnType<typeof link>>,
    seed: number,
    role: 'member' | 'observer' = 'member',
  ) => {
    const redemption = await world.redeem(used, testSigner(seed))
    const body = { redemption, nickname: 'n', role }
    return outcomeOf(await world.submit(world.founder, 'member.admit', body))
  }
  const roleOf = (seed: number) => made.voting().roles.get(testSigner(seed).peer)
  return { ...made, link, record, admit, roleOf }
}

describe('an invitation with a seat', () => {
  it('makes a member that is offered one, which is its own to take', async () => {
    const { world, link, record, admit, roleOf, accept, voting } = await moot()
    const made = await link(world.founder, 1)
    expect(await record(world.founder, made)).toBe('ok')
    expect(await admit(made, 5)).toBe('ok')
    const { peer } = testSigner(5)
    expect(world.state().members.get(peer)).toMatchObject({ role: 'member', status: 'active' })
    expect(roleOf(5)).toMatchObject({ state: 'offered', seat: true, org: 'org 5' })
    expect(voting().seats.peers).not.toContain(peer)
    expect(outcomeOf(await accept(5, 2))).toBe('ok')
    expect(voting().seats.peers).toContain(peer)
  })

  it('makes an observer where that is all it wants', async () => {
    const { world, link, record, admit, roleOf } = await moot()
    const made = await link(world.founder, 1)
    await record(world.founder, made)
    expect(await admit(made, 5, 'observer')).toBe('ok')
    expect(roleOf(5)).toBeUndefined()
  })

  it('is made by who may offer seats alone, and by no way around a stricter rule', async () => {
    const all = { 'invitation.create': 'member', 'voter.offer': '2 of orgs' }
    const { world, voters, link, record, propose } = await moot(all)
    const [founder, ann] = voters as [Signer, Signer]
    for (const by of [founder, ann]) {
      expect(await record(by, await link(by, 1))).toBe('ledger/not-allowed')
    }
    const { bytes } = await link(ann, 2)
    const action = { kind: 'invitation.create', body: { invitation: bytes } } as const
    expect(outcomeOf((await propose(ann, action)).verdict)).toBe('ledger/not-allowed')
    const plain = await world.invitation(ann, testSigner(230))
    expect(await record(ann, plain)).toBe('ok')
  })

  it('by any member, where inviters or members offer seats', async () => {
    for (const rule of ['inviter', 'member']) {
      const all = { 'invitation.create': 'member', 'voter.offer': rule }
      const { voters, link, record, admit, roleOf } = await moot(all)
      const made = await link(voters[1]!, 1)
      expect(await record(voters[1]!, made)).toBe('ok')
      expect(await admit(made, 5)).toBe('ok')
      expect(roleOf(5)?.state).toBe('offered')
    }
  })

  it('gives membership alone once the rule has become stricter, or its inviter is gone', async () => {
    const { world, link, record, admit, roleOf, propose, voters } = await moot({
      'invitation.create': 'member',
      'voter.offer': 'member',
    })
    const [one, two] = [await link(world.founder, 1), await link(voters[3]!, 2)]
    await record(world.founder, one)
    await record(voters[3]!, two)
    await world.submit(voters[3]!, 'member.leave', {})
    expect(await admit(two, 6)).toBe('ok')
    expect(roleOf(6)).toBeUndefined()
    const approval = { 'voter.offer': '3 of orgs' }
    const amended = await propose(world.founder, { kind: 'charter.amend', body: { approval } })
    expect(outcomeOf(amended.verdict)).toBe('ok')
    expect(await admit(one, 5)).toBe('ok')
    expect(roleOf(5)).toBeUndefined()
  })

  it('offers nothing to who was evicted or votes already', async () => {
    const { world, link, record, admit, roleOf, evidence, register } = await moot()
    const made = await link(world.founder, 1)
    await record(world.founder, made)
    expect(outcomeOf(await register(4, 2))).toBe('ok')
    await world.submit(testSigner(2), 'evidence', await evidence(4, 1))
    expect(await admit(made, 4)).toBe('ok')
    expect(roleOf(4)).toBeUndefined()
    expect(await admit(made, 3)).toBe('ok')
    expect(roleOf(3)?.state).toBe('seated')
  })
})
