import { encode, sha256, utf8 } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { committee, instance } from '../../test/committee.ts'
import { testChecker } from '../../test/node-keys.ts'
import { checkItems } from '../check-items.ts'
import { blockId, END_EPOCH, encodeHeader, type Header } from '../header.ts'
import { payloadRoot, type RecordedOperation } from '../payload.ts'
import {
  checkProposal,
  encodeProposal,
  type Justification,
  justifyHash,
  type Proposal,
  parseProposal,
  proposalItem,
} from './proposal.ts'
import { makeReadyCertificate, readyBytes, readyItems } from './ready.ts'
import { NO_BLOCK } from './vote.ts'
import { encodeVoterSet, leaderOf } from './voter-set.ts'

const four = committee()
const next = committee({ epoch: 2 })
const { checker } = testChecker()
const parentHash = sha256(utf8('parent'))
const stateRoot = sha256(utf8('state'))
const ops: RecordedOperation[] = [{ id: 'a', bytes: utf8('one'), refusal: null }]

interface Plan {
  readonly justify: Justification
  readonly payload?: readonly RecordedOperation[]
  readonly nextSet?: Uint8Array
  readonly flags?: number
}

/** A block in view 5 whose parent stands in view 3. */
async function propose({ justify, payload = ops, nextSet, flags = 0 }: Plan): Promise<Proposal> {
  const header: Header = {
    instance,
    epoch: 1,
    height: 2,
    parentHash,
    payloadHash: payloadRoot(payload),
    stateRoot,
    historyRoot: sha256(utf8('history')),
    time: 1_700_000_000_000,
    ...(nextSet && { nextSetHash: sha256(nextSet) }),
    bft: { view: 5, parentView: 3, justifyHash: justifyHash(justify), flags },
  }
  const bytes = encodeHeader(header)
  const signature = await four.signers[leaderOf(four.set, 5)]!.sign('proposal', blockId(bytes))
  return { header: bytes, payload, justify, nextSet: nextSet ?? null, signature }
}

async function justification(): Promise<Justification> {
  const parent = await four.certify('notarise', 3, parentHash, [0, 1, 3])
  const skipped = [await four.certify('nullify', 4, NO_BLOCK, [1, 2, 3])]
  return { parent, skipped, ready: null }
}

async function faultOf(proposal: Proposal): Promise<string | undefined> {
  const parsed = parseProposal(encodeProposal(proposal))
  if (!parsed.ok) return parsed.fault.code
  const checked = checkProposal(instance, four.set, parsed.proposal)
  return checked.ok ? undefined : checked.fault.code
}

async function ready() {
  const parts = { epoch: 2, setHash: sha256(encodeVoterSet(next.set)), stateRoot }
  const bytes = readyBytes(instance, parts)
  const signatures = new Map<number, Uint8Array>()
  for (const voter of [0, 2, 3]) {
    signatures.set(voter, await next.signers[voter]!.sign('ready', bytes))
  }
  return makeReadyCertificate(next.set, stateRoot, signatures)!
}

describe('a proposal', () => {
  it('survives its encoding, stands in its view and is signed by the leader', async () => {
    const proposal = await propose({ justify: await justification() })
    const parsed = parseProposal(encodeProposal(proposal))
    if (!parsed.ok) throw new Error(parsed.fault.message)
    expect(parsed.proposal).toMatchObject(proposal)
    expect(checkProposal(instance, four.set, parsed.proposal)).toEqual({ ok: true })
    expect(await checkItems(checker, [proposalItem(four.set, parsed.proposal)])).toBe(true)
  })

  it('accounts for every view between its parent and itself', async () => {
    const justify = await justification()
    expect(await faultOf(await propose({ justify: { ...justify, skipped: [] } }))).toBe(
      'consensus/proposal',
    )
    const wrong = [await four.certify('nullify', 3, NO_BLOCK)]
    expect(await faultOf(await propose({ justify: { ...justify, skipped: wrong } }))).toBe(
      'consensus/proposal',
    )
    const notarised = [await four.certify('notarise', 4, parentHash)]
    expect(await faultOf(await propose({ justify: { ...justify, skipped: notarised } }))).toBe(
      'consensus/proposal',
    )
  })

  it('rests on a certificate of its own parent', async () => {
    const justify = await justification()
    const parents = [
      null,
      await four.certify('notarise', 2, parentHash),
      await four.certify('notarise', 3, sha256(utf8('other'))),
    ]
    for (const parent of parents) {
      const fault = await faultOf(await propose({ justify: { ...justify, parent } }))
      expect(fault).toBe('consensus/proposal')
    }
    const parent = await committee({ epoch: 2 }).certify('notarise', 3, parentHash)
    expect(await faultOf(await propose({ justify: { ...justify, parent } }))).toBe(
      'consensus/certificate',
    )
  })

  it('is bound to its operations and reasons by its header', async () => {
    const justify = await justification()
    const proposal = await propose({ justify })
    const refusal = 'test/no'
    expect(await faultOf({ ...proposal, payload: [{ ...ops[0]!, refusal }] })).toBe(
      'consensus/proposal',
    )
    const parent = await four.certify('notarise', 3, parentHash, [0, 1, 2])
    expect(await faultOf({ ...proposal, justify: { ...justify, parent } })).toBe(
      'consensus/proposal',
    )
  })

  it('ends its epoch with the next voters and their READY, and without operations', async () => {
    const justify = { ...(await justification()), ready: await ready() }
    const nextSet = encodeVoterSet(next.set)
    const plan = { justify, nextSet, flags: END_EPOCH, payload: [] }
    expect(await faultOf(await propose(plan))).toBeUndefined()
    expect(await faultOf(await propose({ ...plan, payload: ops }))).toBe('consensus/proposal')
    expect(await faultOf(await propose({ justify, payload: [] }))).toBe('consensus/proposal')
    const unready = { ...justify, ready: null }
    expect(await faultOf(await propose({ ...plan, justify: unready }))).toBe('consensus/proposal')
    const stale = { ...justify, ready: { ...(await ready()), stateRoot: parentHash } }
    expect(await faultOf(await propose({ ...plan, justify: stale }))).toBe('consensus/proposal')
    const hidden = { ...(await propose(plan)), nextSet: null }
    expect(await faultOf(hidden)).toBe('consensus/proposal')
  })

  it('is nothing but its own fields', async () => {
    const proposal = await propose({ justify: await justification() })
    const bytes = encodeProposal(proposal)
    expect(parseProposal(encode([1, bytes])).ok).toBe(false)
    expect(parseProposal(bytes.subarray(1)).ok).toBe(false)
  })
})

describe('READY', () => {
  it('of a quorum of the next set verifies, for that set, epoch and state alone', async () => {
    const certificate = await ready()
    const items = readyItems(instance, next.set, certificate)
    if (!items.ok) throw new Error(items.fault.message)
    expect(await checkItems(checker, items.items)).toBe(true)
    expect(readyItems(instance, committee({ epoch: 2, seed: 300 }).set, certificate).ok).toBe(false)
    const elsewhere = readyItems(instance, next.set, { ...certificate, stateRoot: parentHash })
    expect(elsewhere.ok && (await checkItems(checker, elsewhere.items))).toBe(false)
  })
})
