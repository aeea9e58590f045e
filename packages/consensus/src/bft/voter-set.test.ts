import { fromHex } from '@folkmoot/codec'
import { peerIdOf } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { committee } from '../../test/committee.ts'
import { testSigner } from '../../test/node-keys.ts'
import { makeVoterSet } from './make-voter-set.ts'
import {
  checkVoterSet,
  encodeVoterSet,
  faultWeight,
  leaderOf,
  parseVoterSet,
  quorumWeight,
  totalWeight,
  type VoterSet,
} from './voter-set.ts'

const keys = Array.from({ length: 40 }, (_, i) => testSigner(500 + i))
const seats = (orgs: readonly string[]) =>
  orgs.map((org, i) => ({ peer: keys[i]!.peer, voteKey: keys[i]!.publicKey, org }))

function made(orgs: readonly string[], crossOrg: boolean): VoterSet {
  const verdict = makeVoterSet({ epoch: 1, voters: seats(orgs), crossOrg })
  if (!verdict.ok) throw new Error(verdict.fault.message)
  return verdict.set
}

const orgWeight = (set: VoterSet, org: string) =>
  set.voters.filter((voter) => voter.org === org).reduce((sum, { weight }) => sum + weight, 0)

describe('a set of voters', () => {
  it.each([
    [1, 1, 0],
    [2, 2, 0],
    [3, 3, 0],
    [4, 3, 1],
    [7, 5, 2],
    [13, 9, 4],
    [50, 34, 16],
  ])('of %i equal voters has a quorum of %i and bears %i', (size, quorum, faulty) => {
    const { set } = committee({ size })
    expect(quorumWeight(set)).toBe(quorum)
    expect(faultWeight(set)).toBe(faulty)
  })

  it('is the same in whatever order its members are named', () => {
    const orgs = ['a', 'a', 'a', 'b', 'c', 'd', 'd', 'e', 'f']
    const voters = seats(orgs)
    const first = makeVoterSet({ epoch: 3, voters, crossOrg: true })
    const second = makeVoterSet({ epoch: 3, voters: voters.toReversed(), crossOrg: true })
    expect(second).toEqual(first)
  })

  it('survives its own encoding, and only that one', () => {
    const { set } = committee({ size: 5 })
    const bytes = encodeVoterSet(set)
    expect(parseVoterSet(bytes)).toEqual({ ok: true, set })
    const turned = encodeVoterSet({ ...set, voters: set.voters.toReversed() })
    expect(parseVoterSet(turned).ok).toBe(false)
    const twice = encodeVoterSet({ ...set, leaders: [0, 1, 2, 3, 4, 4] })
    expect(parseVoterSet(twice).ok).toBe(false)
    const few = encodeVoterSet({ ...set, leaders: [0] })
    expect(parseVoterSet(few).ok).toBe(false)
  })

  it('has every voter lead in turn while there are seven or fewer', () => {
    const { set } = committee({ size: 4 })
    expect([1, 2, 3, 4, 5].map((view) => leaderOf(set, view))).toEqual([0, 1, 2, 3, 0])
  })

  it('has as many leaders as it takes to outlast what may be gone', () => {
    const voters = seats(Array.from({ length: 13 }, (_, i) => `org ${i}`))
    const leaders = [voters[2]!.peer]
    const verdict = makeVoterSet({ epoch: 1, voters, crossOrg: false, leaders })
    if (!verdict.ok) throw new Error(verdict.fault.message)
    expect(verdict.set.leaders).toHaveLength(5)
    const asked = verdict.set.voters.findIndex(({ peer }) => peer === leaders[0])
    expect(verdict.set.leaders).toContain(asked)
  })

  it('refuses a key that some verifiers would read differently', () => {
    const { set } = committee()
    // A point of small order: RFC 8032 verifiers disagree about it.
    const small = fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
    const voters = set.voters.map((voter, i) => (i === 2 ? { ...voter, voteKey: small } : voter))
    expect(checkVoterSet({ ...set, voters }, { crossOrg: false })).toMatchObject({
      ok: false,
      fault: { code: 'identity/key-small-order' },
    })
    expect(peerIdOf(small)).toBeTypeOf('string')
  })

  it('refuses two seats with one key, which would count twice', () => {
    const { set } = committee()
    const voters = set.voters.map((voter) => ({ ...voter, voteKey: set.voters[0]!.voteKey }))
    expect(checkVoterSet({ ...set, voters }, { crossOrg: false }).ok).toBe(false)
  })
})

describe('across organisations', () => {
  it('four voters of three organisations form no set', () => {
    const verdict = makeVoterSet({ epoch: 1, voters: seats(['a', 'a', 'b', 'c']), crossOrg: true })
    expect(verdict).toMatchObject({ ok: false, fault: { code: 'consensus/voter-set' } })
  })

  it('weights stay equal where no organisation has a third', () => {
    expect(made(['a', 'b', 'c', 'd'], true).voters.map(({ weight }) => weight)).toEqual([
      1, 1, 1, 1,
    ])
  })

  it('an organisation with most of the seats still has less than a third of the weight', () => {
    const set = made([...Array<string>(30).fill('big'), 'b', 'c', 'd'], true)
    expect(3 * orgWeight(set, 'big')).toBeLessThan(totalWeight(set))
    expect(3 * (orgWeight(set, 'big') + 1)).toBeGreaterThanOrEqual(totalWeight(set))
  })

  it('any seats of four organisations give a set in which none has a third', () => {
    const orgs = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 30 })
    fc.assert(
      fc.property(orgs, (others) => {
        const set = made(['a', 'b', 'c', 'd', ...others], true)
        for (const org of ['a', 'b', 'c', 'd', 'e', 'f']) {
          expect(3 * orgWeight(set, org)).toBeLessThan(totalWeight(set))
          // Hence no organisation blocks a quorum alone.
          expect(totalWeight(set) - orgWeight(set, org)).toBeGreaterThanOrEqual(quorumWeight(set))
        }
      }),
      { numRuns: 12 },
    )
  })
})
