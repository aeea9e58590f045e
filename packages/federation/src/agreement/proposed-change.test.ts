import { type Charter, type PeerId, sealInvitation, sealRecord } from '@folkmoot/identity'
import { testSigner } from '@folkmoot/identity/test-keys'
import type { Action } from '@folkmoot/ledger'
import { describe, expect, it } from 'vitest'
import { type ChangeSurroundings, proposedChange } from './proposed-change.ts'

const fed = 'ab'.repeat(32)
const study = 'cd'.repeat(32)
const founder = testSigner(1)
const ada = testSigner(2).peer

const charter = {
  purpose: 'Old purpose.',
  contact: 'old@example.org',
  admission: 'invitation',
  privacy: '',
  approval: { 'study.open': 'member', 'voter.offer': '2 of orgs' },
  limits: { members: 100, voteKeyMs: 600_000 },
} as unknown as Charter

/** As `folkmoot study open` makes it, in what a reader of it needs. */
const manifest = (title: string) =>
  sealRecord(founder, 'manifest', {
    v: 1,
    fed,
    title,
    purpose: '',
    question: '',
    author: '',
    contact: '',
    licence: '',
    code: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
    reduce: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
    params: new Uint8Array([0xa0]),
    inputs: [],
    units: 4,
    comparator: { kind: 'exact' },
    validation: { kind: 'quorum', m: 2, distinct: 'peer' },
    limits: { stepMs: 1, unitMs: 1, memoryPages: 1, outputBytes: 1 },
    dataIn: '',
    dataOut: { n: { type: 'int', min: 0, max: 1 } },
    answer: { kind: 'estimate', label: 'p' },
    expires: 9,
  })

const around = (more: Partial<ChangeSurroundings['voting']> = {}): ChangeSurroundings => ({
  voting: { charterInForce: charter, roles: new Map(), ...more },
  study: () => undefined,
})
const change = (action: Action, state = around()) => proposedChange(action, state)

describe('what a proposal asks for', () => {
  it('names each field of the charter that would change, as it is and as it would be', () => {
    const approval = { 'voter.offer': 'anything', 'member.revoke': 'evidence' }
    const body = { purpose: 'New.', contact: 'old@example.org', limits: { members: 500 }, approval }
    expect(change({ kind: 'charter.amend', body })).toEqual({
      kind: 'charter.amend',
      changes: [
        { part: 'text', field: 'purpose', before: 'Old purpose.', after: 'New.' },
        { part: 'limit', name: 'members', before: 100, after: 500 },
        { part: 'limit', name: 'voteKeyMs', before: 600_000, after: null },
        { part: 'rule', action: 'member.revoke', before: 'founder', after: 'evidence' },
        // A rule that nobody knows leaves it to the founder.
        { part: 'rule', action: 'study.open', before: 'member', after: 'founder' },
        { part: 'rule', action: 'voter.offer', before: '2 of orgs', after: 'founder' },
      ],
    })
  })

  it('takes names that every object has for what they are', () => {
    const body = { limits: { members: 100, voteKeyMs: 600_000, constructor: 7 } }
    expect(change({ kind: 'charter.amend', body })).toEqual({
      kind: 'charter.amend',
      changes: [{ part: 'limit', name: 'constructor', before: null, after: 7 }],
    })
  })

  it('names the study that would be opened or closed', async () => {
    const bytes = await manifest('Peptides of krill')
    expect(change({ kind: 'study.open', body: { manifest: bytes, manifestId: study } })).toEqual({
      kind: 'study.open',
      study,
      title: 'Peptides of krill',
    })
    const known = {
      ...around(),
      study: (id: string) => (id === study ? { manifest: bytes } : undefined),
    }
    const close: Action = { kind: 'study.close', body: { study } }
    expect(change(close, known)).toMatchObject({ title: 'Peptides of krill' })
    expect(change(close)).toMatchObject({ study, title: null })
    const torn = bytes.slice(0, 40)
    expect(
      change({ kind: 'study.open', body: { manifest: torn, manifestId: study } }),
    ).toMatchObject({ title: null })
  })

  it('says whose key, whose seat and whose offer it is about', () => {
    const body = { peer: ada, reason: 'asked to be removed' }
    expect(change({ kind: 'member.revoke', body })).toEqual({ kind: 'member.revoke', ...body })
    const remove: Action = { kind: 'voter.remove', body: { peer: ada } }
    const offered = around({
      roles: new Map<PeerId, { state: 'offered' }>([[ada, { state: 'offered' }]]),
    })
    expect(change(remove, offered)).toEqual({ kind: 'voter.remove', peer: ada, state: 'offered' })
    expect(change(remove)).toMatchObject({ state: null })
    const offer = { peer: ada, org: 'acme', seat: false }
    expect(change({ kind: 'voter.offer', body: offer })).toMatchObject(offer)
  })

  it('says who would invite how many, until when', async () => {
    const invitation = await sealInvitation(founder, {
      v: 1,
      fed,
      relays: [],
      role: 'member',
      cohort: 'class 7b',
      uses: 30,
      expires: 1_000,
      key: testSigner(9).publicKey,
      anchor: { epoch: 0, setHash: new Uint8Array(32), date: 1 },
    })
    expect(change({ kind: 'invitation.create', body: { invitation } })).toEqual({
      kind: 'invitation.create',
      inviter: founder.peer,
      role: 'member',
      cohort: 'class 7b',
      uses: 30,
      expires: 1_000,
    })
  })

  it('is unknown where the action is of a later version', () => {
    expect(proposedChange(undefined, around())).toBeNull()
  })
})
