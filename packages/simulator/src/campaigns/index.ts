/**
 * All campaigns by name, and the mutants that they must catch.
 *
 * @module
 */
import { raftCampaign } from '../raft/raft-campaign.ts'
import { bftHonest } from './bft-honest.ts'
import type { Campaign } from './campaign.ts'
import { promisesCampaign } from './promises-campaign.ts'

export const campaigns: readonly Campaign[] = [promisesCampaign, bftHonest, raftCampaign]

/** @throws RangeError where there is none of this name */
export function campaignOf(name: string): Campaign {
  const found = campaigns.find((campaign) => campaign.name === name)
  if (found === undefined) throw new RangeError(`there is no campaign ${name}`)
  return found
}
