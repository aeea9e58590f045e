import { sha256, utf8 } from '@folkmoot/codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { committee, instance } from '../../test/committee.ts'
import { testChecker } from '../../test/node-keys.ts'
import { blockId, encodeHeader, type Header, NO_PARENT } from '../header.ts'
import { makeCertificate, votesOf } from './certificate.ts'
import { conflictKind, findConflict } from './conflict.ts'
import { encodeEvidence, parseEvidence, type SignedHeader, verifyEvidence } from './evidence.ts'
import { NO_BLOCK, type Vote, type VoteKind } from './vote.ts'
import { faultWeight, leaderOf, type VoterSet } from './voter-set.ts'

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

/** Votes without signatures: conflicts are about what was said. */
function say(kind: VoteKind, hash: Uint8Array, voter: number): Vote {
  return { epoch: 1, kind, view: 5, hash, voter, signature: new Uint8Array(64) }
}

/** All that an honest voter may say in one view, by what it held when. */
const honestWords = [[], ['N'], ['S'], ['N', 'F'], ['N', 'S'], ['S', 'N']] as const

/** What was said in one view by voters of whom some lie, and what each block is to each honest one. */
function votesIn(set: VoterSet, liars: ReadonlySet<number>, words: readonly number[]): Vote[] {
  return set.voters.flatMap((_, voter) => {
    if (liars.has(voter)) {
      return [
        ...[a, b].flatMap((hash) => [say('notarise', hash, voter), say('finalise', hash, voter)]),
        say('nullify', NO_BLOCK, voter),
      ]
    }
    const said = honestWords[words[voter]! % honestWords.length]!
    // Split as an adversary would: half of the honest are shown one block, half the other.
    const hash = words[voter]! % 2 === 0 ? a : b
    return said.map((word) =>
      word === 'S'
        ? say('nullify', NO_BLOCK, voter)
        : say(word === 'N' ? 'notarise' : 'finalise', hash, voter),
    )
  })
}

describe('a fork', () => {
  const sizes = fc.constantFrom(4, 7, 10, 13)
  const committees = new Map([4, 7, 10, 13].map((size) => [size, committee({ size }).set]))

  it('by liars of at most 2f weight exposes more than f of them, and nobody honest', () => {
    const scene = sizes.chain((size) =>
      fc.record({
        size: fc.constant(size),
        liars: fc.uniqueArray(fc.nat({ max: size - 1 }), {
          maxLength: 2 * Math.floor((size - 1) / 3),
        }),
        words: fc.array(fc.nat({ max: 11 }), { minLength: size, maxLength: size }),
      }),
    )
    let forks = 0
    fc.assert(
      fc.property(scene, ({ size, liars, words }) => {
        const set = committees.get(size)!
        const votes = votesIn(set, new Set(liars), words)
        const certify = (kind: VoteKind, hash: Uint8Array) =>
          makeCertificate(
            set,
            votes.filter((vote) => vote.kind === kind && vote.hash === hash),
          )
        const certificates = {
          notarised: [certify('notarise', a), certify('notarise', b)],
          final: [certify('finalise', a), certify('finalise', b)],
          skipped: certify('nullify', NO_BLOCK),
        }
        const pairs = [
          certificates.notarised,
          certificates.final,
          ...certificates.final.map((final) => [final, certificates.skipped]),
          [certificates.final[0], certificates.notarised[1]],
          [certificates.final[1], certificates.notarised[0]],
        ]
        for (const [first, second] of pairs) {
          if (!first || !second) continue
          forks += 1
          const found = findConflict([...votesOf(first), ...votesOf(second)])
          const culprits = new Set(found.map(([vote]) => vote.voter))
          const weight = [...culprits].reduce((sum, voter) => sum + set.voters[voter]!.weight, 0)
          expect(weight).toBeGreaterThan(faultWeight(set))
          expect(liars).toEqual(expect.arrayContaining([...culprits]))
        }
        const accused = findConflict(votes).map(([vote]) => vote.voter)
        expect(liars).toEqual(expect.arrayContaining(accused))
      }),
      { numRuns: 400, seed: 20_261_128 },
    )
    expect(forks).toBeGreaterThan(50)
  })

  it('needs liars of more than f weight', () => {
    const scene = sizes.chain((size) =>
      fc.record({
        size: fc.constant(size),
        liars: fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: Math.floor((size - 1) / 3) }),
        words: fc.array(fc.nat({ max: 11 }), { minLength: size, maxLength: size }),
      }),
    )
    fc.assert(
      fc.property(scene, ({ size, liars, words }) => {
        const set = committees.get(size)!
        const votes = votesIn(set, new Set(liars), words)
        const of = (kind: VoteKind, hash: Uint8Array) =>
          makeCertificate(
            set,
            votes.filter((vote) => vote.kind === kind && vote.hash === hash),
          )
        const final = [of('finalise', a), of('finalise', b)].filter(Boolean)
        expect(final.length).toBeLessThan(2)
        if (final.length > 0) expect(of('nullify', NO_BLOCK)).toBeUndefined()
      }),
      { numRuns: 400, seed: 20_261_128 },
    )
  })

  it('is a pair in either order', () => {
    for (const [kind, hash, otherKind, other, name] of lies) {
      const [first, second] = [say(kind, hash, 1), say(otherKind, other, 1)]
      expect([conflictKind(first, second), conflictKind(second, first)]).toEqual([name, name])
    }
  })
})
