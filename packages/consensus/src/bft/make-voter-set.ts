/**
 * Seats voters: equal weights, an organisation held below a third where several decide together,
 * and enough leaders. The same members give the same set on every peer.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { ConsensusCode } from '../codes.ts'
import { ALL_LEAD, checkVoterSet, faultWeight, type Voter, type VoterSet } from './voter-set.ts'

export interface VoterSetPlan {
  /** At least 1. */
  readonly epoch: number
  /** Default `bft`. */
  readonly engine?: 'bft' | 'raft'
  /** In any order. */
  readonly voters: readonly Omit<Voter, 'weight'>[]
  /** Whether members of different organisations decide together. */
  readonly crossOrg: boolean
  /** Who should lead where more than seven vote; others join them until they have more than *f* weight. Default all. */
  readonly leaders?: readonly PeerId[]
}

/** A set that `checkVoterSet` accepts, or why these members can form none. */
export function makeVoterSet(plan: VoterSetPlan): Verdict<{ set: VoterSet }> {
  const { epoch, engine = 'bft', crossOrg } = plan
  const sorted = [...plan.voters].sort((a, b) => (a.peer < b.peer ? -1 : 1))
  const orgs = new Set(sorted.map(({ org }) => org))
  if (crossOrg && sorted.length >= 4 && orgs.size < 4) {
    return refuse(
      'consensus/voter-set' satisfies ConsensusCode,
      'four voters across organisations are of four organisations, or one could block or fork alone',
    )
  }
  const capped = crossOrg && sorted.length >= 4
  const weights = capped ? cappedWeights(sorted) : sorted.map(() => 1)
  const voters = sorted.map((voter, index) => ({
    peer: voter.peer,
    voteKey: voter.voteKey,
    org: voter.org,
    weight: weights[index]!,
  }))
  const set = { epoch, engine, voters, leaders: chooseLeaders(voters, plan.leaders) }
  const checked = checkVoterSet(set, { crossOrg })
  return checked.ok ? { ok: true, set } : checked
}

/**
 * Equal weights, from which the heaviest organisation gives up one unit at a time while it has a
 * third. With as many units a voter as there are voters, everybody keeps at least one.
 */
function cappedWeights(voters: readonly Omit<Voter, 'weight'>[]): number[] {
  const unit = voters.length
  const byOrg = new Map<string, number[]>()
  voters.forEach(({ org }, index) => {
    byOrg.set(org, [...(byOrg.get(org) ?? []), index])
  })
  const totals = [...byOrg.values()].map((members) => ({ members, weight: members.length * unit }))
  let total = unit * voters.length
  for (;;) {
    const heaviest = totals.reduce((a, b) => (b.weight > a.weight ? b : a))
    if (3 * heaviest.weight < total) break
    heaviest.weight -= 1
    total -= 1
  }
  const weights: number[] = []
  for (const { members, weight } of totals) {
    const share = Math.floor(weight / members.length)
    members.forEach((index, place) => {
      weights[index] = share + (place < weight % members.length ? 1 : 0)
    })
  }
  const divisor = weights.reduce(greatestCommonDivisor)
  return weights.map((weight) => weight / divisor)
}

function chooseLeaders(voters: readonly Voter[], wanted: readonly PeerId[] | undefined): number[] {
  const all = voters.map((_, index) => index)
  if (wanted === undefined || voters.length <= ALL_LEAD) return all
  const asked = new Set(wanted)
  const leaders = all.filter((index) => asked.has(voters[index]!.peer))
  const needed = faultWeight({ voters })
  let weight = leaders.reduce((sum, index) => sum + voters[index]!.weight, 0)
  for (const index of all) {
    if (weight > needed) break
    if (leaders.includes(index)) continue
    leaders.push(index)
    weight += voters[index]!.weight
  }
  return leaders.sort((a, b) => a - b)
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
