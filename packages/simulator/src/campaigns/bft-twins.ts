/**
 * One of four members runs twice with one key, and each view has its own leader and two parts that
 * do not hear each other.
 *
 * @module
 */
import { brokenRules } from '../bft/mutants.ts'
import { twinsScenario } from '../bft/twins-format.ts'
import { runTwins } from '../bft/twins-run.ts'
import type { Campaign, CampaignRun, RunOptions } from './campaign.ts'

function run(seed: number, { keep = false, mutant }: RunOptions = {}): Promise<CampaignRun> {
  const scenario = twinsScenario(seed)
  return runTwins({ seed, keep, twins: [0], scenario, rules: brokenRules(mutant) })
}

export const bftTwins: Campaign = {
  name: 'bft-twins',
  title:
    'BFT, Twins at n = 4: one pair, two parts, 4 to 7 views; 4,096 seeds try all first two views',
  run,
}
