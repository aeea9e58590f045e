import {
  type Charter,
  type Invitation,
  type Signer,
  sealCharter,
  sealInvitation,
  sealRedemption,
} from '@folkmoot/identity'
import { testChecker, testSigner } from '@folkmoot/identity/test-keys'
import { createLedger, type Operation, peekOperation, sealOperation } from '@folkmoot/ledger'
import { describe, expect, it } from 'vitest'
import { offerOf, openProposals, roleOf } from './ledger-view.ts'

const created = 1_700_000_000_000
const founder = testSigner(1)
const other = testSigner(2)
const member = testSigner(3)
const observer = testSigner(4)

/** Two voters of two organisations, a member and an observer. */
async function moot() {
  const charter = await sealCharter(founder, {
    v: 1,
    name: 'Test',
    purpose: '',
    founder: founder.peer,
    contact: '',
    engine: 'bft',
    voters: [founder.peer, other.peer],
    voteKeys: [testSigner(101).publicKey, testSigner(102).publicKey],
    orgs: ['a', 'b'],
    preset: 'test',
    admission: 'invitation',
    approval: { 'charter.amend': '2 of orgs' },
    crossOrg: false,
    limits: { members: 100 },
    privacy: '',
    created,
  } satisfies Charter)
  const { fed } = charter
  const ledger = createLedger({ charterBytes: charter.bytes, checker: testChecker().checker })
  let height = 0
  const submit = async (by: Signer, kind: Operation['kind'], body: unknown): Promise<string> => {
    height += 1
    const operation = { v: 1, fed, kind, sequence: height, body } as Operation
    const { bytes, id } = await sealOperation(by, operation)
    const outcome = await ledger.apply(bytes, { height, time: created + height, epoch: 1 })
    expect(outcome, kind).toMatchObject({ ok: true })
    expect(peekOperation(bytes)).toMatchObject({ id })
    return id
  }
  const admit = async (peer: Signer, role: 'member' | 'observer') => {
    const link = testSigner(200)
    const invitation = await sealInvitation(founder, {
      v: 1,
      fed,
      relays: [],
      role,
      cohort: '',
      uses: 1,
      expires: created + 1_000_000,
      key: link.publicKey,
      anchor: { epoch: 0, setHash: new Uint8Array(32), date: created },
    } satisfies Invitation)
    const id = await submit(founder, 'invitation.create', { invitation })
    const { invitations } = ledger.state()
    const invited = [...invitations.keys()].at(-1) ?? id
    const redemption = await sealRedemption(link, { invitation: invited, fed, peer: peer.peer })
    await submit(founder, 'member.admit', { redemption, nickname: '', role })
  }
  await submit(founder, 'federation.found', { charter: charter.bytes })
  await admit(member, 'member')
  await admit(observer, 'observer')
  const propose = (by: Signer, left: number) =>
    submit(by, 'propose', {
      action: { kind: 'charter.amend', body: { limits: { members: 500 } } },
      expiresHeight: height + 1 + left,
    })
  return { state: () => ledger.state(), submit, propose, height: () => height }
}

describe('what waits for ballots', () => {
  it('says all that it would change, and counts as its rule counts', async () => {
    const { state, submit, propose, height } = await moot()
    const proposal = await propose(other, 9)
    const [asked] = openProposals(state(), member.peer, height())
    expect(asked).toMatchObject({
      id: proposal,
      change: { changes: [{ part: 'limit', name: 'members', before: 100, after: 500 }] },
      rule: '2 of orgs',
      tally: { yes: 1, no: 0, orgs: 1 },
      left: 9,
      mine: null,
      open: true,
    })
    await submit(member, 'ballot', { proposal, yes: false })
    // What was said can be said otherwise, so the page offers both again.
    expect(openProposals(state(), member.peer, height())).toMatchObject([
      { mine: 'no', open: true, tally: { yes: 1, no: 1, orgs: 1 }, left: 8 },
    ])
  })

  it('is not offered to an observer, whose ballot does not count', async () => {
    const { state, propose, height } = await moot()
    await propose(other, 9)
    expect(openProposals(state(), observer.peer, height())).toMatchObject([{ open: false }])
  })

  it('is no more shown once it ran out, though the ledger still has it', async () => {
    const { state, propose, height } = await moot()
    await propose(other, 2)
    expect(openProposals(state(), member.peer, height() + 1)).toMatchObject([{ left: 1 }])
    expect(openProposals(state(), member.peer, height() + 2)).toEqual([])
  })
})

describe('the part of a browser in deciding', () => {
  const nothing = { seated: false, role: undefined, engine: 'bft', stopped: null } as const

  it('is what the ledger says of it', () => {
    expect(roleOf(nothing)).toBe('observer')
    expect(roleOf({ ...nothing, role: { state: 'offered' } })).toBe('offered')
    expect(roleOf({ ...nothing, role: { state: 'standby' } })).toBe('standby')
    expect(roleOf({ ...nothing, role: { state: 'seated' } })).toBe('next')
    expect(roleOf({ ...nothing, seated: true })).toBe('voter')
  })

  it('offers no seat under raft, where a tab cannot take one', () => {
    expect(roleOf({ ...nothing, role: { state: 'offered' }, engine: 'raft' })).toBe('observer')
  })

  it('has stopped where its votes have, whatever the ledger says', () => {
    const stopped = { code: 'consensus-bft/amnesia', all: false }
    expect(roleOf({ ...nothing, seated: true, stopped })).toBe('stopped')
  })

  it('says how many would vote, and how many of them could be away', () => {
    const sizes = [1, 2, 3, 4, 6].map((seats) => offerOf({ seat: true }, seats))
    expect(sizes.map(({ voters, tolerates }) => [voters, tolerates])).toEqual([
      [2, 0],
      [3, 0],
      [4, 1],
      [5, 1],
      [7, 2],
    ])
    expect(offerOf({ seat: false }, 4)).toMatchObject({ seat: false })
  })
})
