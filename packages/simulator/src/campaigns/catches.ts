/**
 * Which campaign notices which broken rule, by which property, and under which seeds: what
 * `npm run campaign -- --mutate` holds the campaigns to.
 *
 * @module
 */

import { raftAmnesiaCampaign, raftCampaign } from '../raft/raft-campaign.ts'
import { schedules } from '../schedules/index.ts'
import { bftAmnesia } from './bft-amnesia.ts'
import { bftRules } from './bft-rules.ts'
import type { Property } from './campaign.ts'
import { promisesCampaign } from './promises-campaign.ts'

export interface Catch {
  readonly mutant: string
  readonly campaign: string
  /** What the mutant breaks, and must be seen to break. */
  readonly property: Property
  readonly seeds: readonly number[]
  /** Whether each of the seeds notices it, as a schedule does, or one of them, as chance has it. */
  readonly each: boolean
}

/** How often a schedule must succeed, each time with other delays. */
const ROUNDS = 3

const scheduled: readonly Catch[] = schedules.map(({ mutant, breaks }, index) => ({
  mutant,
  campaign: bftRules.name,
  property: breaks,
  seeds: Array.from({ length: ROUNDS }, (_, round) => 1 + index + round * schedules.length),
  each: true,
}))

/** More seeds than it takes, so that a change elsewhere, which changes every run, need not touch this. */
const random = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

export const catches: readonly Catch[] = [
  ...scheduled,
  {
    mutant: 'send before sync',
    campaign: promisesCampaign.name,
    property: 'equivocation',
    seeds: random(20),
    each: false,
  },
  {
    mutant: 'answer before sync',
    campaign: raftCampaign.name,
    property: 'state-machine safety',
    seeds: random(40),
    each: false,
  },
  {
    mutant: 'forget the vote',
    campaign: raftCampaign.name,
    property: 'election safety',
    seeds: random(40),
    each: false,
  },
  {
    mutant: 'read without asking',
    campaign: raftCampaign.name,
    property: 'linearizability',
    seeds: random(40),
    each: false,
  },
  {
    mutant: 'vote without asking',
    campaign: bftAmnesia.name,
    property: 'equivocation',
    seeds: random(40),
    each: false,
  },
  {
    mutant: 'rejoin at once',
    campaign: raftAmnesiaCampaign.name,
    property: 'leader completeness',
    seeds: random(40),
    each: false,
  },
  {
    mutant: 'rejoin as a founder',
    campaign: raftAmnesiaCampaign.name,
    property: 'leader completeness',
    // One of the first members has to lose its disk and win before it hears of anybody: one seed in 250.
    seeds: [481, 923, 1_091, 1_100, 1_684, 1_703],
    each: false,
  },
]
