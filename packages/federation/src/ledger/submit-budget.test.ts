import { checkShape, encode } from '@folkmoot/codec'
import { encodeVoterSet, MAX_EVIDENCE_BYTES, MAX_ORG_LENGTH, MAX_VOTERS } from '@folkmoot/consensus'
import type { Charter } from '@folkmoot/identity'
import { type Ledger, sealOperation } from '@folkmoot/ledger'
import { describe, expect, it } from 'vitest'
import { fed, keyOf } from '../../test/lone-room.ts'
import { ledgerSubmit } from '../services.ts'
import { createSubmitBudget } from './submit-budget.ts'

const hour = 3_600_000
const common = { v: 1, fed, sequence: 1 } as const
const study = { manifest: encode(new Uint8Array(5_000)), manifestId: 'ab'.repeat(32) }
const small = new Uint8Array(100)

async function budget(approval: Charter['approval'] = {}) {
  const [founder, member] = [await keyOf(1), await keyOf(2)]
  const time = { now: 0 }
  const charter = { founder: founder.peer, voters: [founder.peer], approval } as unknown as Charter
  const inForce = { approval }
  const voting = () => ({ charterInForce: { ...charter, ...inForce } })
  const state = { state: () => ({ voting: voting() }) } as unknown as Ledger
  const ask = createSubmitBudget({ state, voters: () => charter.voters }, { now: () => time.now })
  return { ask, time, founder, member, inForce }
}

it('gives a member ten operations an hour and who records any number', async () => {
  const { ask, time, founder, member } = await budget()
  for (let n = 0; n < 10; n++) expect(ask(member.peer, small).ok).toBe(true)
  expect(ask(member.peer, small)).toMatchObject({ fault: { code: 'federation/submit-rate' } })
  for (let n = 0; n < 30; n++) expect(ask(founder.peer, new Uint8Array(60_000)).ok).toBe(true)
  time.now += hour / 10
  expect(ask(member.peer, small).ok).toBe(true)
  expect(ask(member.peer, small).ok).toBe(false)
})

it('counts checkpoints apart, and fewer of them: a peer hands them in by itself', async () => {
  const { ask, time, member } = await budget()
  const body = { peer: member.peer, checkpoint: 'of a log' }
  const { bytes } = await sealOperation(member, { ...common, kind: 'audit.checkpoint', body })
  for (let n = 0; n < 6; n++) expect(ask(member.peer, bytes)).toEqual({ ok: true })
  expect(ask(member.peer, bytes)).toMatchObject({ fault: { code: 'federation/submit-rate' } })
  for (let n = 0; n < 10; n++) expect(ask(member.peer, small).ok).toBe(true)
  expect(ask(member.peer, small).ok).toBe(false)
  time.now += hour / 6
  expect(ask(member.peer, bytes)).toEqual({ ok: true })
  expect(ask(member.peer, bytes).ok).toBe(false)
})

it('refuses a large operation, but for a study where members may open one', async () => {
  const { ask, member } = await budget()
  const { bytes } = await sealOperation(member, { ...common, kind: 'study.open', body: study })
  expect(ask(member.peer, bytes)).toMatchObject({ fault: { code: 'federation/too-large' } })
  const open = await budget({ 'study.open': 'member' })
  expect(open.ask(open.member.peer, bytes).ok).toBe(true)
  expect(open.ask(open.member.peer, new Uint8Array(5_000)).ok).toBe(false)
})

it('goes by the charter in force: a rule that was changed holds for the next operation', async () => {
  const { ask, member, inForce } = await budget()
  const { bytes } = await sealOperation(member, { ...common, kind: 'study.open', body: study })
  expect(ask(member.peer, bytes)).toMatchObject({ fault: { code: 'federation/too-large' } })
  inForce.approval = { 'study.open': 'member' }
  expect(ask(member.peer, bytes)).toEqual({ ok: true })
})

it('lets a member ask for a study where not the founder alone opens them', async () => {
  const { ask, member, inForce } = await budget()
  const action = { kind: 'study.open', body: study } as const
  const body = { action, expiresHeight: 100 }
  const { bytes } = await sealOperation(member, { ...common, kind: 'propose', body })
  expect(ask(member.peer, bytes)).toMatchObject({ fault: { code: 'federation/too-large' } })
  inForce.approval = { 'study.open': '2 of orgs' }
  expect(ask(member.peer, bytes)).toEqual({ ok: true })
})

describe('evidence', () => {
  /** By as many voters as there may be, each with the longest name and the greatest weight. */
  async function largestSet(): Promise<Uint8Array> {
    const peers = await Promise.all(
      Array.from({ length: MAX_VOTERS }, async (_, i) => (await keyOf(100 + i)).peer),
    )
    return encodeVoterSet({
      epoch: Number.MAX_SAFE_INTEGER,
      engine: 'raft',
      voters: peers.sort().map((peer, i) => ({
        peer,
        voteKey: new Uint8Array(32).fill(i),
        org: '字'.repeat(MAX_ORG_LENGTH),
        weight: 65_536,
      })),
      leaders: peers.map((_, i) => i),
    })
  }
  const evidenceOf = async (set: Uint8Array, evidence: Uint8Array) => {
    const body = { evidence, set }
    const operation = { v: 1, fed, kind: 'evidence', sequence: 1e15, body } as const
    return (await sealOperation(await keyOf(2), operation)).bytes
  }

  it('of the largest size passes from any member, and through the call that hands it in', async () => {
    const { ask, member } = await budget()
    const bytes = await evidenceOf(await largestSet(), new Uint8Array(MAX_EVIDENCE_BYTES))
    expect(bytes.length).toBeGreaterThan(35_000)
    expect(ask(member.peer, bytes)).toEqual({ ok: true })
    expect(checkShape(ledgerSubmit.input, { operation: bytes })).toMatchObject({ ok: true })
  })

  it('is as rare as any other operation, and no cover for something else', async () => {
    const { ask, time, member } = await budget()
    const bytes = await evidenceOf(await largestSet(), new Uint8Array(MAX_EVIDENCE_BYTES))
    for (let n = 0; n < 10; n++) expect(ask(member.peer, bytes)).toEqual({ ok: true })
    expect(ask(member.peer, bytes)).toMatchObject({ fault: { code: 'federation/submit-rate' } })
    time.now += hour
    const stuffed = await evidenceOf(new Uint8Array(60_000), new Uint8Array(9))
    expect(ask(member.peer, stuffed)).toMatchObject({ fault: { code: 'federation/too-large' } })
  })
})
