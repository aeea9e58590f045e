/** Approval by the charter's rules: proposals, ballots, amendments. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { votingTools, votingWorld } from '../test/voting-world.ts'
import { foundedWorld, outcomeOf } from '../test/world.ts'
import { type Action, createLedger, factKey, parseRule, verifyFact } from './index.ts'

const remove = (seed: number): Action => ({
  kind: 'voter.remove',
  body: { peer: testSigner(seed).peer },
})
const revoke = (seed: number): Action => ({
  kind: 'member.revoke',
  body: { peer: testSigner(seed).peer, reason: 'it spams' },
})
const amend = (approval: Record<string, string>): Action => ({
  kind: 'charter.amend',
  body: { approval },
})

describe('a rule', () => {
  it('is read as the charter writes it; what is not known means the founder', () => {
    expect(parseRule('member')).toEqual({ kind: 'member' })
    expect(parseRule('3 of orgs')).toEqual({ kind: 'orgs', count: 3 })
    for (const text of [undefined, '', 'founder', '0 of orgs', '2 of Orgs', '1e1 of orgs', 'all']) {
      expect(parseRule(text)).toEqual({ kind: 'founder' })
    }
  })

  it('of nobody leaves the founder alone to decide, at once', async () => {
    const moot = await votingWorld()
    const { world, voters, voting, propose } = moot
    const waiting = await propose(voters[1]!, remove(4))
    expect(outcomeOf(waiting.verdict)).toBe('ok')
    expect(voting().seats.changed).toBe(false)
    expect(outcomeOf(await moot.ballot(voters[2]!, waiting.id))).toBe('ok')
    expect(voting().seats.changed).toBe(false)
    expect(outcomeOf(await moot.ballot(world.founder, waiting.id))).toBe('ok')
    expect(voting().seats.changed).toBe(true)
    expect(voting().proposals).toMatchObject([{ state: 'carried', rule: 'founder' }])
  })

  it('of k organisations counts each once, by more yes than no', async () => {
    const moot = await votingWorld(4, { approval: { 'member.revoke': '2 of orgs' } })
    const { voters, propose, ballot, admit, world } = moot
    for (const seed of [21, 22]) await admit(seed, 'guild')
    await admit(30)
    const { id } = await propose(testSigner(21), revoke(30))
    expect(outcomeOf(await ballot(testSigner(22), id))).toBe('ok')
    expect(world.ledger.isMember(testSigner(30).peer)).toBe(true)
    expect(outcomeOf(await ballot(testSigner(22), id, false))).toBe('ok')
    // The guild is divided, so this is one organisation.
    expect(outcomeOf(await ballot(voters[1]!, id))).toBe('ok')
    const { tally } = moot.voting().proposals.find((one) => one.id === id)!
    expect(tally).toEqual({ yes: 2, no: 1, orgs: 1 })
    expect(world.ledger.isMember(testSigner(30).peer)).toBe(true)
    expect(outcomeOf(await ballot(voters[0]!, id))).toBe('ok')
    expect(world.ledger.isMember(testSigner(30).peer)).toBe(false)
    expect(outcomeOf(await ballot(voters[2]!, id))).toBe('ledger/proposal-closed')
  })

  it('binds the founder once voters decide, for direct operations too', async () => {
    const rules = { 'study.open': '2 of orgs', 'member.revoke': '2 of orgs' }
    const { world, voters, propose, ballot, admit } = await votingWorld(4, { approval: rules })
    await admit(30)
    const study = await world.manifest(world.founder)
    const direct = await world.submit(world.founder, 'study.open', study)
    expect(outcomeOf(direct)).toBe('ledger/not-allowed')
    const revocation = await world.revocation(world.founder, testSigner(30))
    expect(outcomeOf(await world.submit(world.founder, 'member.revoke', { revocation }))).toBe(
      'ledger/not-allowed',
    )
    const { id } = await propose(world.founder, { kind: 'study.open', body: study })
    expect(world.state().studies.size).toBe(0)
    expect(outcomeOf(await ballot(voters[3]!, id))).toBe('ok')
    expect(world.state().study(study.manifestId)).toMatchObject({ opener: world.founder.peer })
  })

  it('leaves the founder of a federation that it decides alone its word', async () => {
    const { world } = await foundedWorld({ approval: { 'study.open': '3 of orgs' } })
    const study = await world.manifest(world.founder)
    expect(outcomeOf(await world.submit(world.founder, 'study.open', study))).toBe('ok')
  })

  it('of the inviter lets who invited a member revoke it, and nobody else', async () => {
    const { world, link } = await foundedWorld({
      approval: { 'member.revoke': 'inviter', 'invitation.create': 'member' },
    })
    const { propose } = votingTools(world)
    const [ann, bob, cid] = [testSigner(2), testSigner(3), testSigner(4)]
    for (const peer of [ann, bob]) await world.admit(link, peer)
    const own = await world.invitation(ann, testSigner(101))
    await world.submit(ann, 'invitation.create', { invitation: own.bytes })
    await world.admit(own, cid)
    await propose(bob, revoke(4))
    expect(world.ledger.isMember(cid.peer)).toBe(true)
    await propose(ann, revoke(4))
    expect(world.ledger.isMember(cid.peer)).toBe(false)
  })

  it('of evidence lets any member act against whom there is some', async () => {
    const moot = await votingWorld(4, { approval: { 'member.revoke': 'evidence' } })
    const { world, voters, propose } = moot
    await propose(voters[1]!, revoke(4))
    expect(world.ledger.isMember(voters[3]!.peer)).toBe(true)
    await world.submit(voters[1]!, 'evidence', await moot.evidence(4, 1))
    await propose(voters[1]!, revoke(4))
    expect(world.ledger.isMember(voters[3]!.peer)).toBe(false)
  })
})

describe('a proposal', () => {
  it('that could not take effect is refused, and changes nothing', async () => {
    const { world, propose, voters } = await votingWorld()
    const root = world.ledger.root()
    const bad: [Action, string][] = [
      [remove(9), 'ledger/voter-unknown'],
      [revoke(9), 'ledger/not-member'],
      [revoke(1), 'ledger/founder-stays'],
      [{ kind: 'study.close', body: { study: world.fed } }, 'ledger/study-unknown'],
      [
        {
          kind: 'engine.change',
          body: { engine: 'bft', voters: [{ peer: voters[0]!.peer, org: '' }] },
        },
        'ledger/epoch',
      ],
    ]
    for (const [action, code] of bad) {
      expect(outcomeOf((await propose(voters[1]!, action)).verdict)).toBe(code)
      expect(world.ledger.root()).toEqual(root)
    }
  })

  it('whose action fails in the end is not carried, and says why', async () => {
    const { world, voters, propose, ballot, voting } = await votingWorld()
    const { id } = await propose(voters[1]!, remove(4))
    await world.submit(voters[3]!, 'voter.resign', {})
    expect(outcomeOf(await ballot(world.founder, id))).toBe('ledger/voter-unknown')
    expect(voting().proposals).toMatchObject([{ id, state: 'open' }])
  })

  it('runs out by height, and is forgotten', async () => {
    const { voters, propose, ballot, voting, world } = await votingWorld()
    const far = { expiresHeight: world.height + 200_000 }
    expect(outcomeOf((await propose(voters[1]!, remove(4), far)).verdict)).toBe('ledger/expired')
    const { id } = await propose(voters[1]!, remove(4), { expiresHeight: world.height + 2 })
    expect(outcomeOf(await ballot(voters[2]!, id))).toBe('ok')
    expect(outcomeOf(await ballot(world.founder, id))).toBe('ledger/proposal-closed')
    await propose(voters[1]!, remove(3))
    expect(voting().proposals.map((one) => one.id)).not.toContain(id)
    expect(outcomeOf(await ballot(world.founder, id))).toBe('ledger/proposal-unknown')
  })

  it('is one of four by a member, of members only', async () => {
    const { voters, propose, ballot, admit } = await votingWorld()
    for (let i = 0; i < 4; i++) {
      expect(outcomeOf((await propose(voters[1]!, remove(4))).verdict)).toBe('ok')
    }
    expect(outcomeOf((await propose(voters[1]!, remove(4))).verdict)).toBe('ledger/full')
    expect(outcomeOf((await propose(testSigner(70), remove(4))).verdict)).toBe('ledger/not-member')
    await admit(40)
    const { id } = await propose(testSigner(40), remove(4))
    expect(outcomeOf(await ballot(testSigner(70), id))).toBe('ledger/not-member')
  })

  it('takes few ballots of one organisation, so that others have room', async () => {
    const { propose, ballot, admit, voters } = await votingWorld(4, {
      approval: { 'voter.remove': '9 of orgs' },
    })
    const { id } = await propose(voters[1]!, remove(4))
    for (let seed = 300; seed < 308; seed++) {
      await admit(seed, 'crowd')
      expect(outcomeOf(await ballot(testSigner(seed), id))).toBe('ok')
    }
    await admit(308, 'crowd')
    expect(outcomeOf(await ballot(testSigner(308), id))).toBe('ledger/full')
    expect(outcomeOf(await ballot(testSigner(307), id, false))).toBe('ok')
    expect(outcomeOf(await ballot(voters[2]!, id))).toBe('ok')
  })

  it('is provable with its ballots', async () => {
    const { propose, ballot, voters, world } = await votingWorld()
    const { id } = await propose(voters[1]!, remove(4))
    await ballot(voters[2]!, id, false)
    const proof = world.ledger.proveFact(factKey.proposal(id))
    const proven = verifyFact(world.ledger.root(), proof)
    expect(proven.ok && proven.value).toEqual(world.ledger.fact(factKey.proposal(id)))
  })
})

describe('an amendment', () => {
  it('changes the charter in force and never the federation', async () => {
    const { world, link } = await foundedWorld()
    const { propose, voting } = votingTools(world)
    await world.admit(link, testSigner(2))
    const study = await world.manifest(testSigner(2))
    expect(outcomeOf(await world.submit(testSigner(2), 'study.open', study))).toBe(
      'ledger/not-allowed',
    )
    await propose(world.founder, amend({ 'study.open': 'member' }))
    const limits: Action = { kind: 'charter.amend', body: { limits: { members: 2 } } }
    await propose(world.founder, limits)
    expect(outcomeOf(await world.submit(testSigner(2), 'study.open', study))).toBe('ok')
    expect(outcomeOf(await world.admit(link, testSigner(3)))).toBe('ledger/members-full')
    expect(voting().charterInForce).toEqual({
      ...world.charter.charter,
      approval: { 'study.open': 'member' },
      limits: { members: 2 },
    })
    expect(world.state().charter).toEqual(world.charter.charter)
    const copy = createLedger({ charterBytes: world.charter.bytes, checker: world.checker })
    await copy.restore(world.ledger.snapshot())
    expect(copy.state().voting.charterInForce).toEqual(voting().charterInForce)
    expect(copy.fed).toBe(world.fed)
  })

  it('decides by the rules that hold before it', async () => {
    const moot = await votingWorld(4, { approval: { 'charter.amend': '3 of orgs' } })
    const { voters, propose, ballot, voting, world } = moot
    const { id } = await propose(world.founder, amend({}))
    await ballot(voters[1]!, id)
    expect(voting().charterInForce.approval).toEqual({ 'charter.amend': '3 of orgs' })
    await ballot(voters[2]!, id)
    expect(voting().charterInForce.approval).toEqual({})
    expect(outcomeOf((await propose(world.founder, amend({ a: 'member' }))).verdict)).toBe('ok')
    expect(voting().charterInForce.approval).toEqual({ a: 'member' })
  })

  it('of who founded, when, or how it decides is none', async () => {
    const { world, propose } = await votingWorld()
    for (const body of [{}, { engine: 'solo' }, { founder: world.founder.peer }, { created: 1 }]) {
      const action = { kind: 'charter.amend', body } as Action
      await expect(propose(world.founder, action)).rejects.toMatchObject({
        code: 'ledger/unsealable',
      })
    }
  })
})

it('any order of ballots that ends alike is carried alike', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(3), fc.boolean()), { minLength: 1, maxLength: 8 }),
      async (said) => {
        const moot = await votingWorld(4, { approval: { 'voter.rotate': '3 of orgs' } })
        const { voters, propose, ballot, voting } = moot
        const { id } = await propose(voters[0]!, { kind: 'voter.rotate', body: {} })
        const last = new Map<number, boolean>([[0, true]])
        let carried = false
        for (const [who, yes] of said) {
          const outcome = outcomeOf(await ballot(voters[who]!, id, yes))
          expect(outcome).toBe(carried ? 'ledger/proposal-closed' : 'ok')
          if (!carried) last.set(who, yes)
          carried ||= [...last.values()].filter(Boolean).length >= 3
          expect(voting().seats.changed).toBe(carried)
        }
      },
    ),
    { numRuns: 25 },
  )
})
