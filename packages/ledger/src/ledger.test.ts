import { decode, equalBytes } from '@folkmoot/codec'
import { noteSigner } from '@folkmoot/identity'
import { describe, expect, it } from 'vitest'
import { testRawSigner, testSigner } from '../test/node-keys.ts'
import { createWorld, DAY, foundedWorld, outcomeOf, type World } from '../test/world.ts'
import { createLedger, factKey, sealOperation } from './index.ts'

const [ann, bob, cid, dan] = [testSigner(2), testSigner(3), testSigner(4), testSigner(5)]

async function withMembers(world: World, link: Parameters<World['admit']>[0]) {
  expect(outcomeOf(await world.admit(link, ann))).toBe('ok')
  expect(outcomeOf(await world.admit(link, bob))).toBe('ok')
}

describe('founding', () => {
  it('comes first, once, by the founder', async () => {
    const world = await createWorld()
    const charter = world.charter.bytes
    const link = await world.invitation(world.founder, testSigner(100))
    const early = world.submit(world.founder, 'invitation.create', { invitation: link.bytes })
    expect(outcomeOf(await early)).toBe('ledger/not-founded')
    expect(outcomeOf(await world.submit(ann, 'federation.found', { charter }))).toBe(
      'ledger/not-allowed',
    )
    expect(outcomeOf(await world.found())).toBe('ok')
    expect(outcomeOf(await world.found())).toBe('ledger/founded')
    expect(world.ledger.rootOf(world.founder.peer)).toBe('founder')
    expect(world.ledger.isMember(world.founder.peer)).toBe(true)
  })

  it('refuses the charter of another federation', async () => {
    const world = await createWorld()
    const other = await createWorld({ name: 'Other' })
    const body = { charter: other.charter.bytes }
    expect(outcomeOf(await world.submit(world.founder, 'federation.found', body))).toBe(
      'ledger/charter',
    )
  })
})

describe('admission', () => {
  it('spends one use a peer and gives the invitation as trust root', async () => {
    const { world, link } = await foundedWorld()
    await withMembers(world, link)
    expect(world.state().invitation(link.id)).toMatchObject({ uses: 2, used: 2, left: 0 })
    expect(world.ledger.rootOf(ann.peer)).toBe(link.id)
    expect(world.ledger.rootOf(cid.peer)).toBeUndefined()
  })

  it('lets the first final one win when one use is spent twice', async () => {
    const { world } = await foundedWorld()
    const link = await world.invitation(world.founder, testSigner(101), { uses: 1 })
    await world.submit(world.founder, 'invitation.create', { invitation: link.bytes })
    expect(outcomeOf(await world.admit(link, ann))).toBe('ok')
    expect(outcomeOf(await world.admit(link, bob))).toBe('ledger/invitation-used-up')
    expect(world.ledger.isMember(bob.peer)).toBe(false)
  })

  it('costs no second use for the same peer, not even after leaving', async () => {
    const { world, link } = await foundedWorld()
    await withMembers(world, link)
    expect(outcomeOf(await world.admit(link, ann))).toBe('ok')
    expect(outcomeOf(await world.submit(ann, 'member.leave', {}))).toBe('ok')
    expect(world.ledger.isMember(ann.peer)).toBe(false)
    expect(world.ledger.rootOf(ann.peer)).toBe(link.id)
    expect(outcomeOf(await world.admit(link, ann))).toBe('ok')
    expect(world.state().invitation(link.id)).toMatchObject({ used: 2 })
  })

  it('records an invitation that came along', async () => {
    const { world } = await foundedWorld()
    const link = await world.invitation(world.founder, testSigner(101))
    const redemption = await world.redeem(link, ann)
    const body = { redemption, nickname: 'ann', role: 'member' } as const
    expect(outcomeOf(await world.submit(world.founder, 'member.admit', body))).toBe(
      'ledger/invitation-unknown',
    )
    const along = { ...body, invitation: link.bytes }
    expect(outcomeOf(await world.submit(world.founder, 'member.admit', along))).toBe('ok')
    expect(world.state().invitation(link.id)?.left).toBe(1)
  })

  it('refuses an expired, a withdrawn and an unknown invitation', async () => {
    const { world, link } = await foundedWorld()
    const withdrawn = await world.invitation(world.founder, testSigner(101))
    await world.submit(world.founder, 'invitation.create', { invitation: withdrawn.bytes })
    const revoke = { invitation: withdrawn.id }
    expect(outcomeOf(await world.submit(ann, 'invitation.revoke', revoke))).toBe(
      'ledger/not-allowed',
    )
    expect(outcomeOf(await world.submit(world.founder, 'invitation.revoke', revoke))).toBe('ok')
    expect(outcomeOf(await world.admit(withdrawn, ann))).toBe('ledger/invitation-revoked')
    world.pass(2 * DAY)
    expect(outcomeOf(await world.admit(link, ann))).toBe('ledger/invitation-expired')
    const unknown = { id: 'ab'.repeat(32), key: testSigner(9) }
    expect(outcomeOf(await world.admit(unknown, ann))).toBe('ledger/invitation-unknown')
  })

  it('refuses a redemption by another key, and one by a peer that is not a recorder', async () => {
    const { world, link } = await foundedWorld()
    expect(outcomeOf(await world.admit({ ...link, key: testSigner(9) }, ann))).toBe(
      'ledger/redemption',
    )
    const redemption = await world.redeem(link, ann)
    const body = { redemption, nickname: '', role: 'member' } as const
    expect(outcomeOf(await world.submit(ann, 'member.admit', body))).toBe('ledger/not-allowed')
  })

  it('gives a lesser role on request and never a greater one', async () => {
    const { world, link } = await foundedWorld()
    const observers = await world.invitation(world.founder, testSigner(101), { role: 'observer' })
    await world.submit(world.founder, 'invitation.create', { invitation: observers.bytes })
    const admit = async (by: typeof link, role: 'member' | 'observer') => {
      const redemption = await world.redeem(by, ann)
      return world.submit(world.founder, 'member.admit', { redemption, nickname: '', role })
    }
    expect(outcomeOf(await admit(observers, 'member'))).toBe('ledger/role')
    expect(outcomeOf(await admit(link, 'observer'))).toBe('ok')
    expect(world.state().members.get(ann.peer)?.role).toBe('observer')
  })

  it('roots those whom a member invites at the first invitation of their chain', async () => {
    const { world, link } = await foundedWorld({ approval: { 'invitation.create': 'member' } })
    await withMembers(world, link)
    const second = await world.invitation(ann, testSigner(101))
    expect(
      outcomeOf(await world.submit(ann, 'invitation.create', { invitation: second.bytes })),
    ).toBe('ok')
    expect(outcomeOf(await world.admit(second, cid))).toBe('ok')
    expect(world.ledger.rootOf(cid.peer)).toBe(link.id)
    const revocation = await world.revocation(world.founder, ann)
    await world.submit(world.founder, 'member.revoke', { revocation })
    expect(outcomeOf(await world.admit(second, dan))).toBe('ledger/invitation-revoked')
  })

  it('lets nobody but the founder invite without a rule that says so', async () => {
    const { world, link } = await foundedWorld({ approval: { 'invitation.create': '3 of orgs' } })
    await withMembers(world, link)
    const second = await world.invitation(ann, testSigner(101))
    const create = world.submit(ann, 'invitation.create', { invitation: second.bytes })
    expect(outcomeOf(await create)).toBe('ledger/not-allowed')
  })

  it('stops at the number of members that the charter allows', async () => {
    const { world, link } = await foundedWorld({ limits: { members: 2 } })
    expect(outcomeOf(await world.admit(link, ann))).toBe('ok')
    expect(outcomeOf(await world.admit(link, bob))).toBe('ledger/members-full')
  })
})

describe('revocation', () => {
  it('by the key itself or the founder is for ever', async () => {
    const { world, link } = await foundedWorld()
    await withMembers(world, link)
    const own = await world.revocation(ann, ann)
    expect(outcomeOf(await world.submit(bob, 'member.revoke', { revocation: own }))).toBe('ok')
    expect(world.ledger.isMember(ann.peer)).toBe(false)
    expect(world.ledger.rootOf(ann.peer)).toBeUndefined()
    expect(world.state().revoked.get(ann.peer)?.by).toBe(ann.peer)
    expect(outcomeOf(await world.admit(link, ann))).toBe('ledger/revoked')
    const foreign = await world.revocation(ann, bob)
    expect(
      outcomeOf(await world.submit(world.founder, 'member.revoke', { revocation: foreign })),
    ).toBe('ledger/not-allowed')
  })

  it('bars a key that never joined, by the founder alone', async () => {
    const { world, link } = await foundedWorld()
    const by = async (signer: typeof ann) => {
      const revocation = await world.revocation(signer, cid)
      return world.submit(world.founder, 'member.revoke', { revocation })
    }
    expect(outcomeOf(await by(cid))).toBe('ledger/not-member')
    expect(outcomeOf(await by(world.founder))).toBe('ok')
    expect(outcomeOf(await world.admit(link, cid))).toBe('ledger/revoked')
  })

  it('never meets the founder', async () => {
    const { world } = await foundedWorld()
    const revocation = await world.revocation(world.founder, world.founder)
    expect(outcomeOf(await world.submit(world.founder, 'member.revoke', { revocation }))).toBe(
      'ledger/founder-stays',
    )
    expect(outcomeOf(await world.submit(world.founder, 'member.leave', {}))).toBe(
      'ledger/founder-stays',
    )
  })
})

describe('preconditions', () => {
  it('refuse a sequence that is behind, and its repetition', async () => {
    const { world, link } = await foundedWorld()
    await withMembers(world, link)
    const leave = await world.seal(ann, 'member.leave', {}, { sequence: 5 })
    expect(outcomeOf(await world.record(leave))).toBe('ok')
    expect(outcomeOf(await world.admit(link, ann))).toBe('ok')
    expect(outcomeOf(await world.record(leave))).toBe('ledger/sequence')
    expect(outcomeOf(await world.submit(ann, 'member.leave', {}, { sequence: 4 }))).toBe(
      'ledger/sequence',
    )
    expect(world.state().sequence(ann.peer)).toBe(5)
  })

  it('refuse an operation past its last height, and one from the future', async () => {
    const { world, link } = await foundedWorld()
    await withMembers(world, link)
    const expired = { expiresHeight: world.height }
    expect(outcomeOf(await world.submit(ann, 'member.leave', {}, expired))).toBe('ledger/expired')
    const future = { expectHeight: world.height + 1 }
    expect(outcomeOf(await world.submit(ann, 'member.leave', {}, future))).toBe(
      'ledger/expect-height',
    )
  })

  it('refuse when the subject changed after the height that the signer saw', async () => {
    const { world, link } = await foundedWorld()
    await withMembers(world, link)
    const seen = { expectHeight: world.height }
    await world.submit(ann, 'member.leave', {})
    await world.admit(link, ann)
    expect(outcomeOf(await world.submit(ann, 'member.leave', {}, seen))).toBe(
      'ledger/expect-height',
    )
    const fresh = { expectHeight: world.height }
    expect(outcomeOf(await world.submit(ann, 'member.leave', {}, fresh))).toBe('ok')
  })

  it('screen strangers before anything is recorded', async () => {
    const { world, link } = await foundedWorld()
    await world.admit(link, ann)
    expect(outcomeOf(world.ledger.screen(await world.seal(cid, 'member.leave', {})))).toBe(
      'ledger/not-member',
    )
    expect(outcomeOf(world.ledger.screen(await world.seal(ann, 'member.leave', {})))).toBe('ok')
  })

  it('screen what a member may not do, or not now, and change nothing by that', async () => {
    const { world, link } = await foundedWorld()
    await world.admit(link, ann)
    const root = world.ledger.root()
    const screened = async (...args: Parameters<typeof world.seal>) =>
      outcomeOf(world.ledger.screen(await world.seal(...args)))
    expect(await screened(ann, 'study.open', await world.manifest(ann))).toBe('ledger/not-allowed')
    expect(await screened(ann, 'report', { study: 'ab'.repeat(32), reason: '' })).toBe(
      'ledger/study-unknown',
    )
    expect(await screened(ann, 'member.leave', {})).toBe('ok')
    expect(world.ledger.root()).toEqual(root)
    expect(world.ledger.isMember(ann.peer)).toBe(true)
    await world.submit(ann, 'member.leave', {}, { sequence: 9 })
    await world.admit(link, ann)
    expect(await screened(ann, 'member.leave', {}, { sequence: 9 })).toBe('ledger/sequence')
  })
})

describe('studies', () => {
  async function withStudy() {
    const { world, link } = await foundedWorld()
    await withMembers(world, link)
    const { manifest, manifestId } = await world.manifest(ann)
    const opening = { manifest, manifestId }
    expect(outcomeOf(await world.submit(ann, 'study.open', opening))).toBe('ledger/not-allowed')
    expect(outcomeOf(await world.submit(world.founder, 'study.open', opening))).toBe('ok')
    const batch = (
      units: number[],
      credits: [typeof ann.peer, number][] = [],
      count = units.length,
      signer = world.founder,
    ) =>
      world.submit(signer, 'study.batch', {
        study: manifestId,
        root: new Uint8Array(32).fill(7),
        count,
        units,
        credits,
      })
    return { world, id: manifestId, opening, batch }
  }
  const credits = (n: number) =>
    [ann.peer, bob.peer].sort().map((peer) => [peer, n] as [typeof peer, number])

  it('are opened once, by whom the charter lets', async () => {
    const { world, opening, id } = await withStudy()
    expect(outcomeOf(await world.submit(world.founder, 'study.open', opening))).toBe(
      'ledger/study-exists',
    )
    const late = await world.manifest(ann, { expires: 1 })
    expect(outcomeOf(await world.submit(world.founder, 'study.open', late))).toBe(
      'ledger/study-expired',
    )
    const mislabelled = { ...late, manifestId: id }
    expect(outcomeOf(await world.submit(world.founder, 'study.open', mislabelled))).toBe(
      'ledger/malformed',
    )
    expect(world.state().study(id)).toMatchObject({ author: ann.peer, units: 20, closed: false })
    expect(world.state().study(id)?.manifest).toEqual(opening.manifest)
  })

  it('record each unit once and credit members for final results only', async () => {
    const { world, id, batch } = await withStudy()
    expect(outcomeOf(await batch([0, 3, 5], credits(3)))).toBe('ok')
    expect(outcomeOf(await batch([1, 3]))).toBe('ledger/batch-final')
    expect(outcomeOf(await batch([2, 1]))).toBe('ledger/batch-units')
    expect(outcomeOf(await batch([1, 1]))).toBe('ledger/batch-units')
    expect(outcomeOf(await batch([20]))).toBe('ledger/batch-units')
    expect(outcomeOf(await batch([1], [], 2))).toBe('ledger/batch-units')
    expect(outcomeOf(await batch([1], credits(2)))).toBe('ledger/batch-credits')
    expect(outcomeOf(await batch([1], credits(1).reverse()))).toBe('ledger/batch-credits')
    expect(outcomeOf(await batch([1], [[cid.peer, 1]]))).toBe('ledger/batch-credits')
    expect(outcomeOf(await batch([1], [], 1, ann))).toBe('ledger/not-allowed')
    expect(outcomeOf(await batch([1], credits(1)))).toBe('ok')
    const study = world.state().study(id)!
    expect([...study.finalUnits]).toEqual([0, 1, 3, 5])
    expect(study.recorded.map(({ units }) => units)).toEqual([[0, 3, 5], [1]])
    expect(study.final).toBe(4)
    expect(world.state().credits.get(ann.peer)).toBe(4)
  })

  it('record nothing after they are closed, and may be recorded after they ran out', async () => {
    const { world, id, batch } = await withStudy()
    world.pass(10 * DAY)
    expect(outcomeOf(await batch([0]))).toBe('ok')
    expect(outcomeOf(await world.submit(bob, 'study.close', { study: id }))).toBe(
      'ledger/not-allowed',
    )
    expect(outcomeOf(await world.submit(ann, 'study.close', { study: id }))).toBe('ok')
    expect(outcomeOf(await batch([1]))).toBe('ledger/study-closed')
  })

  it('are reported once a member', async () => {
    const { world, id } = await withStudy()
    const report = { study: id, reason: 'it asks for names' }
    expect(outcomeOf(await world.submit(bob, 'report', report))).toBe('ok')
    expect(outcomeOf(await world.submit(bob, 'report', report))).toBe('ledger/reported')
    expect(outcomeOf(await world.submit(cid, 'report', report))).toBe('ledger/not-member')
    const fact = world.ledger.fact(factKey.report(id, bob.peer))
    expect(decode(fact!)).toMatchObject({ value: { reason: report.reason } })
  })
})

describe('audit checkpoints', () => {
  it('grow, and are signed by the peer whose log it is', async () => {
    const { world, link } = await foundedWorld()
    await world.admit(link, ann)
    const hand = async (log: string, size: number, signer = ann, seed = 2, peer = ann.peer) =>
      world.submit(signer, 'audit.checkpoint', {
        peer,
        checkpoint: await world.checkpoint(seed, log.repeat(32), size),
      })
    expect(outcomeOf(await hand('a', 5))).toBe('ok')
    expect(outcomeOf(await hand('a', 4))).toBe('ledger/checkpoint-shrunk')
    expect(outcomeOf(await hand('a', 9, world.founder))).toBe('ok')
    expect(outcomeOf(await hand('b', 1))).toBe('ok')
    expect(outcomeOf(await hand('a', 9, bob))).toBe('ledger/not-allowed')
    expect(outcomeOf(await hand('a', 9, ann, 3))).toBe('ledger/signature')
    expect(world.state().checkpoints.get(ann.peer)).toMatchObject({ log: 'b'.repeat(32), size: 1 })
  })

  it('are screened for what nobody could compare a log with; a history that holds one stays valid', async () => {
    const { world, link } = await foundedWorld()
    await world.admit(link, ann)
    const handed = async (signer: typeof ann, seed: number, tail: string) => {
      const origin = `folkmoot/${world.fed}/${signer.peer}/${'a'.repeat(32)}`
      const checkpoint = await noteSigner(testRawSigner(seed)).signNote(
        `${origin}\n5\n${'A'.repeat(42)}${tail}`,
        origin,
      )
      return world.seal(signer, 'audit.checkpoint', { peer: signer.peer, checkpoint })
    }
    const strayBits = 'B=\n'
    const emptyExtension = 'A=\n\nx\n'
    for (const tail of [strayBits, emptyExtension]) {
      for (const [signer, seed] of [[ann, 2] as const, [world.founder, 1] as const]) {
        const bytes = await handed(signer, seed, tail)
        expect(outcomeOf(world.ledger.screen(bytes))).toBe('ledger/checkpoint')
        expect(outcomeOf(await world.record(bytes))).toBe('ok')
      }
    }
    expect(outcomeOf(world.ledger.screen(await handed(ann, 2, 'A=\nx\n')))).toBe('ok')
  })
})

describe('an operation', () => {
  it('has one id, by which it is submitted; what is none here has none', async () => {
    const { world } = await foundedWorld()
    const { fed, ledger } = world
    const leave = { v: 1, kind: 'member.leave', sequence: 1, body: {} } as const
    const { bytes, id } = await sealOperation(ann!, { ...leave, fed })
    expect(ledger.idOf(bytes)).toBe(id)
    const foreign = await sealOperation(ann!, { ...leave, fed: 'cd'.repeat(32) })
    expect(ledger.idOf(foreign.bytes)).toBeUndefined()
    expect(ledger.idOf(bytes.subarray(1))).toBeUndefined()
  })
})

describe('the state', () => {
  it('is the same after a snapshot, and refuses a snapshot of another federation', async () => {
    const { world, link } = await foundedWorld()
    await withMembers(world, link)
    const copy = createLedger({ charterBytes: world.charter.bytes, checker: world.checker })
    await copy.restore(world.ledger.snapshot())
    expect(equalBytes(copy.root(), world.ledger.root())).toBe(true)
    expect([...copy.state().members]).toEqual(
      [...world.state().members].sort(([a], [b]) => (a < b ? -1 : 1)),
    )
    const other = await createWorld({ name: 'Other' })
    const root = other.ledger.root()
    await expect(other.ledger.restore(world.ledger.snapshot())).rejects.toMatchObject({
      code: 'ledger/snapshot',
    })
    expect(other.ledger.root()).toEqual(root)
  })

  it('answers a fact by its key', async () => {
    const { world } = await foundedWorld()
    expect(world.ledger.fact(factKey.member(world.founder.peer))).toBeInstanceOf(Uint8Array)
    expect(world.ledger.fact(factKey.member(ann.peer))).toBeUndefined()
    expect(world.ledger.fact('nonsense')).toBeUndefined()
  })
})
