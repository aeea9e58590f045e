/**
 * All campaigns by name.
 *
 * @module
 */
import { raftAmnesiaCampaign, raftCampaign } from '../raft/raft-campaign.ts'
import { bftAmnesia } from './bft-amnesia.ts'
import { bftCrashes } from './bft-crashes.ts'
import { bftEpochs } from './bft-epochs.ts'
import { bftForks } from './bft-forks.ts'
import { bftHonest } from './bft-honest.ts'
import { bftLiars } from './bft-liars.ts'
import { bftOrgs } from './bft-orgs.ts'
import { bftRules } from './bft-rules.ts'
import { bftTwins } from './bft-twins.ts'
import type { Campaign } from './campaign.ts'
import { promisesCampaign } from './promises-campaign.ts'

export const campaigns: readonly Campaign[] = [
  promisesCampaign,
  bftHonest,
  bftTwins,
  bftLiars,
  bftEpochs,
  bftAmnesia,
  bftForks,
  bftOrgs,
  bftRules,
  bftCrashes,
  raftCampaign,
  raftAmnesiaCampaign,
]

/** @throws RangeError where there is none of this name */
export function campaignOf(name: string): Campaign {
  const found = campaigns.find((campaign) => campaign.name === name)
  if (found === undefined) throw new RangeError(`there is no campaign ${name}`)
  return found
}
