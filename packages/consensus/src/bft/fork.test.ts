/** The promise behind evidence, over sets of equal and of unequal weights. */
import { sha256, utf8 } from '@folkmoot/codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { committee } from '../../test/committee.ts'
import { testSigner } from '../../test/node-keys.ts'
import { type Certificate, makeCertificate, votesOf } from './certificate.ts'
import { findConflict } from './conflict.ts'
import { makeVoterSet } from './make-voter-set.ts'
import { NO_BLOCK, type Vote, type VoteKind } from './vote.ts'
import { faultWeight, totalWeight, type VoterSet } from './voter-set.ts'

const [a, b] = [sha256(utf8('a')), sha256(utf8('b'))]

/** Seats of organisations of different sizes: the larger have voters of less weight. */
function weighted(orgs: readonly string[]): VoterSet {
  const voters = orgs.map((org, i) => {
    const { peer, publicKey } = testSigner(600 + i)
    return { peer, voteKey: publicKey, org }
  })
  const made = makeVoterSet({ epoch: 1, voters, crossOrg: true })
  if (!made.ok) throw new Error(made.fault.message)
  return made.set
}

const sets: readonly VoterSet[] = [
  ...[4, 7, 10, 13].map((size) => committee({ size }).set),
  weighted(['a', 'a', 'a', 'b', 'c', 'd']),
  weighted(['a', 'a', 'a', 'a', 'b', 'b', 'b', 'c', 'd', 'e']),
]

const weigh = (set: VoterSet, voters: Iterable<number>) =>
  [...voters].reduce((sum, voter) => sum + set.voters[voter]!.weight, 0)

/** Votes without signatures: conflicts are about what was said. */
function say(kind: VoteKind, hash: Uint8Array, voter: number): Vote {
  return { epoch: 1, kind, view: 5, hash, voter, signature: new Uint8Array(64) }
}

/** All that an honest voter may say in one view. */
const honestWords = ['', 'N', 'S', 'NF', 'NS', 'NF'] as const

/** Everything said in one view: liars say all of it, the honest as they were shown one block or the other. */
function votesIn(set: VoterSet, liars: ReadonlySet<number>, moods: readonly number[]): Vote[] {
  return set.voters.flatMap((_, voter) => {
    const blocks = liars.has(voter) ? [a, b] : [moods[voter]! % 2 === 0 ? a : b]
    const words = liars.has(voter) ? 'NFS' : honestWords[Math.floor(moods[voter]! / 2)]!
    const said = blocks.flatMap((hash) => [
      ...(words.includes('N') ? [say('notarise', hash, voter)] : []),
      ...(words.includes('F') ? [say('finalise', hash, voter)] : []),
    ])
    return words.includes('S') ? [...said, say('nullify', NO_BLOCK, voter)] : said
  })
}

/** A set, liars of at most `share(f)` weight in it, and how the honest were led. */
function scenes(share: (f: number) => number) {
  return fc.constantFrom(...sets).chain((set) => {
    const size = set.voters.length
    const most = share(faultWeight(set))
    const order = fc.shuffledSubarray([...set.voters.keys()], { minLength: size })
    const liars = fc.tuple(order, fc.nat({ max: most })).map(([voters, bound]) => {
      const chosen: number[] = []
      for (const voter of voters) {
        if (weigh(set, [...chosen, voter]) <= Math.max(bound, most - 1)) chosen.push(voter)
      }
      return chosen
    })
    const moods = fc.array(fc.nat({ max: 11 }), { minLength: size, maxLength: size })
    return fc.record({ set: fc.constant(set), liars, moods })
  })
}

function certify(set: VoterSet, votes: readonly Vote[], kind: VoteKind, hash: Uint8Array) {
  return makeCertificate(
    set,
    votes.filter((vote) => vote.kind === kind && vote.hash === hash),
  )
}

/** Pairs of certificates of which one honest history holds at most one. */
function forksIn(set: VoterSet, votes: readonly Vote[]): [Certificate, Certificate][] {
  const [na, nb] = [certify(set, votes, 'notarise', a), certify(set, votes, 'notarise', b)]
  const [fa, fb] = [certify(set, votes, 'finalise', a), certify(set, votes, 'finalise', b)]
  const skipped = certify(set, votes, 'nullify', NO_BLOCK)
  const pairs = [
    [na, nb],
    [fa, fb],
    [fa, skipped],
    [fb, skipped],
    [fa, nb],
    [fb, na],
  ] as const
  return pairs.flatMap(([first, second]) => (first && second ? [[first, second]] : []))
}

const runs = { numRuns: 400, seed: 20_261_128 }

describe('a fork', () => {
  it('by liars of at most 2f weight exposes more than f weight of them, and nobody honest', () => {
    let forks = 0
    let unequal = 0
    fc.assert(
      fc.property(
        scenes((f) => 2 * f),
        ({ set, liars, moods }) => {
          const votes = votesIn(set, new Set(liars), moods)
          for (const [first, second] of forksIn(set, votes)) {
            forks += 1
            if (totalWeight(set) > set.voters.length) unequal += 1
            const found = findConflict([...votesOf(first), ...votesOf(second)])
            const culprits = new Set(found.map(([vote]) => vote.voter))
            expect(weigh(set, culprits)).toBeGreaterThan(faultWeight(set))
            expect(liars).toEqual(expect.arrayContaining([...culprits]))
          }
          const accused = findConflict(votes).map(([vote]) => vote.voter)
          expect(liars).toEqual(expect.arrayContaining(accused))
        },
      ),
      runs,
    )
    expect(forks).toBeGreaterThan(50)
    expect(unequal).toBeGreaterThan(10)
  })

  it('needs liars of more than f weight', () => {
    fc.assert(
      fc.property(
        scenes((f) => f),
        ({ set, liars, moods }) => {
          const votes = votesIn(set, new Set(liars), moods)
          expect(forksIn(set, votes)).toEqual([])
        },
      ),
      runs,
    )
  })
})
