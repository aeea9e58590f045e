/**
 * One voter dies once, at every boundary between two effects in turn: of two short stories, of every
 * voter in them, with nothing, everything or some of it kept of what it had not synced. Seeds
 * take the crashes in a mixed order; as many seeds as there are crashes take all.
 *
 * @module
 */
import { brokenRules } from '../bft/mutants.ts'
import { type Crash, KEPT_KINDS, type Story, tell } from '../schedules/crash-sweep.ts'
import { deciding, turning } from '../schedules/stories.ts'
import type { Campaign, CampaignRun, RunOptions } from './campaign.ts'

interface Case {
  readonly story: Story
  readonly crash: Crash
}

/** A prime larger than the number of crashes, so that seeds go through them all and neighbours differ. */
const STRIDE = 1_000_003

let known: readonly Case[] | undefined

/** About eleven thousand. */
function cases(): readonly Case[] {
  known ??= [deciding, turning].flatMap((story) =>
    tell(story).boundaries.flatMap(({ address, number }) =>
      KEPT_KINDS.map((kept) => ({ story, crash: { address, number, kept } })),
    ),
  )
  return known
}

async function run(seed: number, { keep = false, mutant }: RunOptions = {}): Promise<CampaignRun> {
  const all = cases()
  const { story, crash } = all[(seed * STRIDE) % all.length]!
  const again = Math.floor((seed - 1) / all.length)
  const telling = { seed: 1 + again, keep, rules: brokenRules(mutant) }
  const { hash, violations, counts, lines } = tell(story, crash, telling)
  return { hash, violations, counts, lines }
}

export const bftCrashes: Campaign = {
  name: 'bft-crashes',
  title:
    'BFT, a voter dies at every boundary between two effects, with or without what it wrote last',
  run,
}
