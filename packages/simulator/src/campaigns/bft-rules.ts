/**
 * Schedules written by hand, one for each voting rule, in which breaking the rule shows: random
 * trouble does not come to some of them within its seeds. The seed chooses the schedule and
 * draws how long messages, disks and signatures take.
 *
 * @module
 */
import { brokenRules } from '../bft/mutants.ts'
import { schedules } from '../schedules/index.ts'
import { play } from '../schedules/stage.ts'
import type { Campaign } from './campaign.ts'

export const bftRules: Campaign = {
  name: 'bft-rules',
  title: 'BFT, a schedule by hand for each voting rule, which would show that it is broken',
  async run(seed, { keep = false, mutant } = {}) {
    return play(schedules[(seed - 1) % schedules.length]!, {
      seed,
      keep,
      rules: brokenRules(mutant),
    })
  },
}
