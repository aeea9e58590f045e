/**
 * One short run of four voters, over and over: each time one of them dies at another boundary
 * between two effects, and of what it had not synced another part is found after its restart.
 *
 * @module
 */
import type { VotingRules } from '@folkmoot/consensus-bft'
import { conclude, expectProgress } from '../bft/ending.ts'
import { createFederation, type Federation } from '../bft/federation.ts'
import type { CampaignRun } from '../campaigns/campaign.ts'
import type { Survives } from '../kernel/disk.ts'
import type { Boundary } from '../kernel/process.ts'

const DELTA_MS = 250

/** What a disk keeps that was handed to it and not synced. */
export const KEPT = {
  nothing: () => 0,
  everything: (_what, most) => most,
  /** Database and log are two files: neither waits for the other. */
  'the writes': (what, most) => (what === 'writes' ? most : 0),
  'the log': (what, most) => (what === 'writes' ? 0 : most),
  /** The log tears in its last record; of the writes the newest is gone. */
  'all but the last': (_what, most) => Math.max(0, most - 1),
} as const satisfies Readonly<Record<string, Survives>>

export const KEPT_KINDS = Object.keys(KEPT) as readonly (keyof typeof KEPT)[]

export interface Crash {
  readonly address: string
  /** Of the boundary, counted from the first start of that voter. */
  readonly number: number
  readonly kept: keyof typeof KEPT
}

export interface Story {
  readonly wantsSeats: boolean
  /** What happens, by the clock alone: with a crash in it, nothing is sure to happen. */
  play(federation: Federation): void
}

export interface Telling {
  readonly seed?: number
  readonly keep?: boolean
  readonly rules?: Partial<VotingRules> | undefined
}

export interface Ended extends CampaignRun {
  /** Every boundary of the run, in order. */
  readonly boundaries: readonly Boundary[]
  /** The log of the first voter at the end. */
  readonly entries: readonly Uint8Array[]
  /** Whether the one who died had handed over what was not synced yet. */
  readonly hadUnsynced: boolean
}

/** Plays a story with one crash in it, or without; afterwards agreement must go on. */
export function tell(
  { wantsSeats, play }: Story,
  crash?: Crash,
  { seed = 1, keep = false, rules }: Telling = {},
): Ended {
  const boundaries: Boundary[] = []
  let hadUnsynced = false
  const federation = createFederation({
    seed,
    keep,
    voters: 4,
    wantsSeats,
    rules,
    timing: { deltaMs: DELTA_MS, heartbeatMs: 60_000 },
    restartMs: [150, 150],
    dies(boundary) {
      boundaries.push(boundary)
      return boundary.address === crash?.address && boundary.number === crash.number
    },
    survives(what, most) {
      if (most > 0) hadUnsynced = true
      return KEPT[crash?.kept ?? 'nothing'](what, most)
    },
  })
  federation.start()
  play(federation)
  federation.world.network.setFilter(undefined)
  const { world, addresses } = federation
  world.partition(addresses.map((address) => [address]))
  world.partition(undefined)
  expectProgress(federation, { deltaMs: DELTA_MS, because: 'after a crash' })
  const { log: entries } = world.processes.get(addresses[0]!)!.disk
  return { ...conclude(federation), boundaries, entries, hadUnsynced }
}

/** Every crash of a voter in a story; what its disk kept is only asked where it had something to keep. */
export function* sweep(
  story: Story,
  address: string,
  telling: Telling = {},
): Generator<{ readonly crash: Crash; readonly ended: Ended }> {
  const { boundaries } = tell(story)
  const last = boundaries.filter((boundary) => boundary.address === address).length
  for (let number = 1; number <= last; number += 1) {
    for (const kept of KEPT_KINDS) {
      const crash = { address, number, kept }
      const ended = tell(story, crash, telling)
      yield { crash, ended }
      if (!ended.hadUnsynced) break
    }
  }
}
