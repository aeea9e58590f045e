/**
 * Which units a peer gets: those that others have begun first, so that something becomes final
 * early; within these, the ones whose blocks the peer already has.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import { isSettling, votesWanted } from '@folkmoot/validation'
import { startingUnit } from './spot-check.ts'
import type { DispatcherConfig, DispatcherState } from './state.ts'

/** What counts as one voice under the study's rule; undefined for a peer that is not admitted. */
export function voiceOf(config: DispatcherConfig, peer: PeerId): string | undefined {
  const root = config.rootOf(peer)
  return root === undefined || config.rule.distinct === 'root' ? root : peer
}

/** Voices that have spoken on a unit, counted or not: none of them can help it further. */
export function spokenOn(
  config: DispatcherConfig,
  state: DispatcherState,
  unit: number,
): Set<string> {
  const { supporters, against } = state.acceptance.units[unit]!
  const peers = [
    ...supporters,
    ...against.map((entry) => entry.peer),
    ...(state.recent.get(unit) ?? []),
  ]
  return new Set(peers.flatMap((peer) => voiceOf(config, peer) ?? []))
}

/** Voices that the unit still lacks, beyond those that hold a lease or have just spoken. */
function lacking(
  config: DispatcherConfig,
  state: DispatcherState,
  unit: number,
  settling: boolean,
): number {
  const wanting = { spotCheck: state.spotChecks.has(unit), settling }
  const wanted = votesWanted(config.rule, state.acceptance.units[unit]!, wanting)
  if (wanted === 0) return 0
  const pending = state.leases.get(unit)?.length ?? 0
  return wanted - pending - (state.recent.get(unit)?.length ?? 0)
}

export interface Choice {
  readonly units: readonly number[]
  /** Votes that are lacking in the whole study, for sharing out what is left. */
  readonly open: number
}

/** At most `limit` units for `peer`, best first. */
export function chooseUnits(
  config: DispatcherConfig,
  state: DispatcherState,
  peer: PeerId,
  has: ReadonlySet<number>,
  limit: number,
): Choice {
  const voice = voiceOf(config, peer)!
  const settling = isSettling(state.acceptance)
  const start = startingUnit(config.secret, config.unitCount)
  // Begun and near, begun, untouched and near, untouched.
  const classes: number[][] = [[], [], [], []]
  let open = 0
  for (let step = 0; step < config.unitCount; step++) {
    const unit = (start + step) % config.unitCount
    const missing = lacking(config, state, unit, settling)
    if (missing <= 0) continue
    open += missing
    const untouched =
      state.acceptance.units[unit]!.state === 'waiting' &&
      !state.leases.has(unit) &&
      !state.recent.has(unit)
    const rank = classes[(untouched ? 2 : 0) + (has.has(unit) ? 0 : 1)]!
    if (rank.length >= limit) continue
    if (!untouched && isTaken(config, state, unit, voice)) continue
    rank.push(unit)
  }
  return { units: classes.flat().slice(0, limit), open }
}

function isTaken(config: DispatcherConfig, state: DispatcherState, unit: number, voice: string) {
  const held = state.leases.get(unit)?.some((lease) => voiceOf(config, lease.peer) === voice)
  return held === true || spokenOn(config, state, unit).has(voice)
}

/**
 * The unit whose lease is the oldest past `stragglerMs`, for one more peer. Another voice comes
 * first; a peer of the same voice only replaces one that has not spoken yet.
 */
export function chooseStraggler(
  config: DispatcherConfig,
  state: DispatcherState,
  peer: PeerId,
  at: number,
): number | undefined {
  const voice = voiceOf(config, peer)!
  let best: { unit: number; since: number; same: boolean } | undefined
  for (const [unit, leases] of state.leases) {
    const oldest = Math.min(...leases.map((lease) => lease.since))
    // One spare copy at a time: a unit that all fail on must not draw in the whole federation.
    const overdue = leases.every((lease) => at - lease.since >= config.stragglerMs)
    if (!overdue || leases.some((lease) => lease.peer === peer)) continue
    if (spokenOn(config, state, unit).has(voice)) continue
    const same = leases.some((lease) => voiceOf(config, lease.peer) === voice)
    const better =
      best === undefined || (same === best.same ? oldest < best.since : best.same && !same)
    if (better) best = { unit, since: oldest, same }
  }
  return best?.unit
}
