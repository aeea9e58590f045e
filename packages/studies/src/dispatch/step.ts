/**
 * The dispatcher as a pure step: requests in, leases out.
 *
 * @module
 */
import { FederationError, type Step } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Acceptance } from '@folkmoot/validation'
import { chooseStraggler, chooseUnits, voiceOf } from './choose-units.ts'
import { chooseSpotChecks } from './spot-check.ts'
import type {
  DispatcherConfig,
  DispatcherEffect,
  DispatcherInput,
  DispatcherState,
  Idle,
  Lease,
} from './state.ts'

type Result = Step<DispatcherState, DispatcherEffect>
type Request = Extract<DispatcherInput, { type: 'request' }>

/** A dispatcher that has leased nothing yet. @throws FederationError `studies/dispatcher` */
export function createDispatcher(
  config: DispatcherConfig,
  acceptance: Acceptance,
): DispatcherState {
  if (acceptance.units.length !== config.unitCount) {
    throw new FederationError('studies/dispatcher', 'the acceptance is of another study')
  }
  const spotChecks = chooseSpotChecks(config.secret, config.unitCount, config.rule)
  return { acceptance, leases: new Map(), recent: new Map(), spotChecks }
}

/** Applies one input. */
export function stepDispatcher(
  config: DispatcherConfig,
  state: DispatcherState,
  input: DispatcherInput,
): Result {
  switch (input.type) {
    case 'progress':
      return { state: progress(state, input.acceptance), effects: [] }
    case 'resultSeen':
      return { state: resultSeen(config, state, input.unit, input.peer), effects: [] }
    case 'returned': {
      const units = input.units === undefined ? undefined : new Set(input.units)
      const gone = (lease: Lease) =>
        lease.peer === input.peer && (units === undefined || units.has(lease.unit))
      return { state: withoutLeases(state, gone), effects: [] }
    }
    case 'tick':
      return expire(state, input.at)
    case 'request': {
      const expired = expire(state, input.at)
      const granted = grant(config, expired.state, input)
      return {
        state: granted.state,
        effects: [...expired.effects.filter((e) => e.type === 'expired'), ...granted.effects],
      }
    }
  }
}

function withoutLeases(state: DispatcherState, gone: (lease: Lease) => boolean): DispatcherState {
  const leases = new Map<number, readonly Lease[]>()
  for (const [unit, list] of state.leases) {
    const kept = list.filter((lease) => !gone(lease))
    if (kept.length > 0) leases.set(unit, kept)
  }
  return { ...state, leases }
}

/** Leases of units that voices have decided are dropped, so that their holders get other work. */
function progress(state: DispatcherState, acceptance: Acceptance): DispatcherState {
  const decided = (lease: Lease) => {
    const unit = acceptance.units[lease.unit]
    return unit?.state === 'accepted' && unit.by !== 'window'
  }
  return { ...withoutLeases(state, decided), acceptance, recent: new Map() }
}

function resultSeen(
  config: DispatcherConfig,
  state: DispatcherState,
  unit: number,
  peer: PeerId,
): DispatcherState {
  if (!Number.isInteger(unit) || unit < 0 || unit >= config.unitCount) return state
  if (voiceOf(config, peer) === undefined) return state
  const next = withoutLeases(state, (lease) => lease.unit === unit && lease.peer === peer)
  const seen = state.recent.get(unit) ?? []
  if (seen.includes(peer)) return next
  return { ...next, recent: new Map(state.recent).set(unit, [...seen, peer]) }
}

function nextExpiry(state: DispatcherState): number | undefined {
  let first: number | undefined
  for (const list of state.leases.values()) {
    for (const { expires } of list) {
      if (first === undefined || expires < first) first = expires
    }
  }
  return first
}

function expire(state: DispatcherState, at: number): Result {
  const expired = [...state.leases.values()].flat().filter((lease) => lease.expires <= at)
  const next = expired.length === 0 ? state : withoutLeases(state, (lease) => lease.expires <= at)
  const timer = nextExpiry(next)
  return {
    state: next,
    effects: [
      ...expired.map((lease) => ({ type: 'expired' as const, lease })),
      ...(timer === undefined ? [] : [{ type: 'setTimer' as const, at: timer }]),
    ],
  }
}

function heldBy(state: DispatcherState): Map<PeerId, number> {
  const held = new Map<PeerId, number>()
  for (const { peer } of [...state.leases.values()].flat()) {
    held.set(peer, (held.get(peer) ?? 0) + 1)
  }
  return held
}

function grant(config: DispatcherConfig, state: DispatcherState, request: Request): Result {
  const { peer, at } = request
  const idle = (reason: Idle): Result => ({
    state,
    effects: [{ type: 'idle', peer, reason, retryAt: retryAt(config, state, at) }],
  })
  if (voiceOf(config, peer) === undefined) return idle('not-admitted')
  if (state.acceptance.complete) return idle('complete')
  const held = heldBy(state)
  const room = Math.min(request.want, config.maxUnits, config.maxHeld - (held.get(peer) ?? 0))
  if (!(room >= 1)) return idle('holds-enough')
  const choice = chooseUnits(config, state, peer, new Set(request.has ?? []), Math.floor(room))
  // Near the end the rest is shared out, so that the last units are not all with one slow peer.
  const workers = new Set([...held.keys(), peer]).size
  const share = Math.max(1, Math.ceil(choice.open / (2 * workers)))
  const straggler = choice.units.length > 0 ? undefined : chooseStraggler(config, state, peer, at)
  const units = straggler === undefined ? choice.units.slice(0, share) : [straggler]
  if (units.length === 0) return idle('nothing-for-you')
  const expires = at + config.leaseMs
  const leases = new Map(state.leases)
  for (const unit of units) {
    leases.set(unit, [...(leases.get(unit) ?? []), { unit, peer, since: at, expires }])
  }
  const next = { ...state, leases }
  return {
    state: next,
    effects: [
      { type: 'lease', peer, units, expires },
      { type: 'setTimer', at: nextExpiry(next)! },
    ],
  }
}

/** The next instant at which a lease becomes old enough to be given again, or runs out. */
function retryAt(config: DispatcherConfig, state: DispatcherState, at: number): number {
  let soonest = at + config.stragglerMs
  for (const { since, expires } of [...state.leases.values()].flat()) {
    for (const instant of [since + config.stragglerMs, expires]) {
      if (instant > at && instant < soonest) soonest = instant
    }
  }
  return soonest
}
