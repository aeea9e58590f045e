import { sha256, utf8 } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { committee, instance } from '../../test/committee.ts'
import { testChecker } from '../../test/node-keys.ts'
import { blockId, encodeHeader, type Header, NO_PARENT } from '../header.ts'
import { encodeEvidence, parseEvidence, type SignedHeader, verifyEvidence } from './evidence.ts'
import { NO_BLOCK, type Vote, type VoteKind } from './vote.ts'
import { leaderOf } from './voter-set.ts'

const { checker } = testChecker()
const four = committee()
const sets = { setOf: (epoch: number) => (epoch === 1 ? four.set : undefined) }
const [a, b] = [sha256(utf8('a')), sha256(utf8('b'))]

async function verdictOn(first: Vote, second: Vote) {
  const bytes = encodeEvidence({ kind: 'votes', votes: [first, second] })
  return verifyEvidence(checker, instance, sets, bytes)
}

const lies: [VoteKind, Uint8Array, VoteKind, Uint8Array, string][] = [
  ['notarise', a, 'notarise', b, 'double-notarise'],
  ['finalise', a, 'finalise', b, 'double-finalise'],
  ['nullify', NO_BLOCK, 'finalise', a, 'nullify-finalise'],
  ['finalise', a, 'notarise', b, 'finalise-other'],
]

async function proposal(view: number, time: number, seat = leaderOf(four.set, view)) {
  const header: Header = {
    instance,
    epoch: 1,
    height: 1,
    parentHash: NO_PARENT,
    payloadHash: a,
    stateRoot: a,
    historyRoot: a,
    time,
    bft: { view, parentView: 0, justifyHash: a, flags: 0 },
  }
  const bytes = encodeHeader(header)
  return { header: bytes, signature: await four.signers[seat]!.sign('proposal', blockId(bytes)) }
}

const accuse = (first: SignedHeader, second: SignedHeader) =>
  encodeEvidence({ kind: 'proposals', proposals: [first, second] })

describe('evidence', () => {
  it.each(lies)(
    'of %s %o and %s %o names the voter',
    async (kind, hash, otherKind, other, name) => {
      const first = await four.vote(kind, 5, hash, 2)
      const second = await four.vote(otherKind, 5, other, 2)
      const culprit = four.set.voters[2]!.peer
      const proven = { ok: true, culprit, epoch: 1, view: 5, kind: name }
      expect(await verdictOn(first, second)).toEqual(proven)
      expect(await verdictOn(second, first)).toEqual(proven)
    },
  )

  it.each<[VoteKind, Uint8Array, VoteKind, Uint8Array]>([
    ['notarise', a, 'nullify', NO_BLOCK],
    ['notarise', a, 'finalise', a],
    ['notarise', a, 'notarise', a],
  ])('is not made of %s and %s, which an honest voter signs both', async (k, hash, k2, hash2) => {
    const first = await four.vote(k, 5, hash, 2)
    const second = await four.vote(k2, 5, hash2, 2)
    expect((await verdictOn(first, second)).ok).toBe(false)
  })

  it('is not made of votes in two views or by two voters', async () => {
    const vote = await four.vote('notarise', 5, a, 2)
    expect((await verdictOn(vote, await four.vote('notarise', 6, b, 2))).ok).toBe(false)
    expect((await verdictOn(vote, await four.vote('notarise', 5, b, 3))).ok).toBe(false)
  })

  it('cannot be made up: every signature counts, under the set of its own epoch', async () => {
    const first = await four.vote('notarise', 5, a, 2)
    const forged = { ...(await four.vote('notarise', 5, b, 3)), voter: 2 }
    expect((await verdictOn(first, forged)).ok).toBe(false)
    const later = committee({ epoch: 2 })
    const votes = [await later.vote('notarise', 5, a, 2), await later.vote('notarise', 5, b, 2)]
    expect((await verdictOn(votes[0]!, votes[1]!)).ok).toBe(false)
  })

  it('of two proposals in one view names who led it', async () => {
    const [first, second] = [await proposal(6, 1), await proposal(6, 2)]
    const verdict = await verifyEvidence(checker, instance, sets, accuse(first, second))
    const culprit = four.set.voters[leaderOf(four.set, 6)]!.peer
    expect(verdict).toMatchObject({ ok: true, culprit, view: 6, kind: 'double-propose' })
    expect(accuse(second, first)).toEqual(accuse(first, second))
  })

  it('of one proposal twice, of two views, or by somebody else accuses nobody', async () => {
    const first = await proposal(6, 1)
    for (const second of [first, await proposal(7, 2), await proposal(6, 2, 3)]) {
      expect((await verifyEvidence(checker, instance, sets, accuse(first, second))).ok).toBe(false)
    }
  })

  it('has one encoding', async () => {
    const first = await four.vote('notarise', 5, a, 2)
    const second = await four.vote('notarise', 5, b, 2)
    const bytes = encodeEvidence({ kind: 'votes', votes: [second, first] })
    expect(bytes).toEqual(encodeEvidence({ kind: 'votes', votes: [first, second] }))
    const parsed = parseEvidence(bytes)
    expect(parsed.ok && encodeEvidence(parsed.evidence)).toEqual(bytes)
  })
})
