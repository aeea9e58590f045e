/**
 * One kind of trouble, tried under many seeds: what a campaign is, and what one seed of it found.
 *
 * @module
 */
import { errorMessage } from '@folkmoot/base'

export interface RunOptions {
  /** Keep lines for a person; changes nothing about the run. */
  readonly keep?: boolean
  /** Break this rule of the program on purpose, to see whether the campaign notices. */
  readonly mutant?: string
}

/** What a campaign checks, as the design's table of proofs names it. */
export type Property =
  | 'agreement'
  | 'validity'
  | 'equivocation'
  | 'accountability'
  | 'liveness'
  | 'set change'
  | 'reads'
  | 'election safety'
  | 'leader completeness'
  | 'log matching'
  | 'state-machine safety'
  | 'linearizability'
  /** A member stopped for good, or its program threw. */
  | 'halt'
  /** The script of a schedule did not come to its point: it proves nothing. */
  | 'schedule'

/** A violation in words: the property first. */
export function broken(property: Property, text: string): string {
  return `${property}: ${text}`
}

/** The property that a violation is about. */
export function propertyOf(violation: string): Property {
  return violation.slice(0, violation.indexOf(': ')) as Property
}

export interface CampaignRun {
  /** Of the whole trace: the same in every JavaScript engine. */
  readonly hash: string
  /** What must never happen and did, each made by `broken`; empty for a good run. */
  readonly violations: readonly string[]
  /** Added up over seeds and printed: messages, crashes, final blocks. */
  readonly counts: Readonly<Record<string, number>>
  readonly lines: readonly string[]
}

export interface Campaign {
  readonly name: string
  /** One line for a person. */
  readonly title: string
  run(seed: number, options?: RunOptions): Promise<CampaignRun>
}

/** Many seeds of one campaign, added up. */
export interface CampaignTally {
  readonly seeds: number
  readonly violations: readonly {
    readonly seed: number
    readonly text: string
    /** Of the seed's trace. */
    readonly hash: string
  }[]
  readonly counts: Readonly<Record<string, number>>
}

/** Endings of runs after their trouble, and those within the time that the design promises. */
export const ENDINGS = 'endings'
export const IN_TIME = 'in time'
/** Where messages are lost for good a view may fail by chance: so many runs of a hundred are in time. */
const PROMISED_SHARE = 0.95
/** Fewer endings than these say nothing about a share. */
const ENOUGH_ENDINGS = 40

/** Why a tally without violations is not good enough: too many of its runs took longer than promised. */
export function tooSlow({ counts }: Pick<CampaignTally, 'counts'>): string | undefined {
  const { [ENDINGS]: all = 0, [IN_TIME]: inTime = 0 } = counts
  if (all < ENOUGH_ENDINGS || inTime >= PROMISED_SHARE * all) return undefined
  return broken('liveness', `only ${inTime} of ${all} endings were within the promised time`)
}

export const emptyTally: CampaignTally = { seeds: 0, violations: [], counts: {} }

export function addTallies(a: CampaignTally, b: CampaignTally): CampaignTally {
  const counts: Record<string, number> = { ...a.counts }
  for (const [name, count] of Object.entries(b.counts)) counts[name] = (counts[name] ?? 0) + count
  const violations = [...a.violations, ...b.violations]
  return { seeds: a.seeds + b.seeds, violations, counts }
}

/** A run that throws, or never ends, is as wrong as one that breaks a property. */
function failed(error: unknown): CampaignRun {
  return { hash: '', violations: [broken('halt', errorMessage(error))], counts: {}, lines: [] }
}

/**
 * Runs seeds `from` to `from + count - 1`; stops at the first violation where asked to. A mutant
 * counts as noticed only by a seed that finds nothing without it.
 */
export async function runSeeds(
  campaign: Campaign,
  from: number,
  count: number,
  options: RunOptions & { readonly stopAtFirst?: boolean } = {},
): Promise<CampaignTally> {
  let tally = emptyTally
  for (let seed = from; seed < from + count; seed += 1) {
    const { violations, counts, hash } = await campaign.run(seed, options).catch(failed)
    const isMutants = options.mutant !== undefined && violations.length > 0
    const innocent = !isMutants || (await campaign.run(seed).catch(failed)).violations.length === 0
    const found = innocent ? violations.map((text) => ({ seed, text, hash })) : []
    tally = addTallies(tally, { seeds: 1, violations: found, counts })
    if (options.stopAtFirst && found.length > 0) break
  }
  return tally
}
