/**
 * Breaks each rule in turn and holds the campaigns to what they promise to notice.
 *
 * @module
 */
import { type CampaignTally, type Catch, propertyOf } from '../../packages/simulator/src/index.ts'
import { type Job, runLanes } from './lanes.ts'

export interface Caught {
  readonly what: Catch
  /** Seeds that noticed it, by the property that it breaks, with the hash of their traces. */
  readonly seeds: readonly { readonly seed: number; readonly hash: string }[]
  /** Every property that was seen broken. */
  readonly properties: readonly string[]
  readonly seconds: number
  readonly isCaught: boolean
}

interface Progress {
  readonly seeds: { readonly seed: number; readonly hash: string }[]
  readonly properties: Set<string>
  tried: number
  ms: number
}

/** Runs the mutants until each is caught as often as it must be, or its seeds are used up. */
export async function mutate(
  lanes: number,
  catches: readonly Catch[],
  inTime: () => boolean,
): Promise<readonly Caught[]> {
  const progress = new Map<Catch, Progress>(
    catches.map((what) => [what, { seeds: [], properties: new Set(), tried: 0, ms: 0 }]),
  )
  const owners = new Map<Job, Catch>()
  for (const what of catches) {
    for (const seed of what.seeds) {
      const { campaign, mutant } = what
      owners.set({ campaign, mutant, from: seed, count: 1 }, what)
    }
  }
  const isWanted = (job: Job) => {
    const what = owners.get(job)!
    return inTime() && (what.each || progress.get(what)!.seeds.length === 0)
  }
  await runLanes(
    lanes,
    [...owners.keys()],
    (job, tally, ms) => {
      const what = owners.get(job)!
      note(progress.get(what)!, what, tally, ms)
    },
    isWanted,
  )
  return catches.map((what) => verdict(what, progress.get(what)!))
}

/** A seed that is not clean without the mutant has nothing here: `runSeeds` sees to that. */
function note(progress: Progress, what: Catch, { violations }: CampaignTally, ms: number): void {
  progress.tried += 1
  progress.ms += ms
  for (const { text } of violations) {
    const property = propertyOf(text)
    if (property !== 'schedule') progress.properties.add(property)
  }
  const first = violations.find(({ text }) => propertyOf(text) === what.property)
  if (first !== undefined) progress.seeds.push({ seed: first.seed, hash: first.hash })
}

function verdict(what: Catch, { seeds, properties, tried, ms }: Progress): Caught {
  const isCaught = what.each
    ? tried === what.seeds.length && seeds.length === tried
    : seeds.length > 0
  seeds.sort((a, b) => a.seed - b.seed)
  return { what, seeds, properties: [...properties], seconds: ms / 1_000, isCaught }
}

/** One line for each mutant, in columns. */
export function table(results: readonly Caught[]): string {
  const head = [
    'mutant',
    'caught by',
    'also broken',
    'campaign',
    'seeds',
    'trace of the first',
    's',
  ]
  const rows = results.map(({ what, seeds, properties, seconds, isCaught }) => [
    what.mutant,
    isCaught ? what.property : 'NOT CAUGHT',
    properties.filter((property) => property !== what.property).join(', ') || '-',
    what.campaign,
    seeds.map(({ seed }) => seed).join(' ') || '-',
    seeds[0]?.hash ?? '-',
    seconds.toFixed(1),
  ])
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
