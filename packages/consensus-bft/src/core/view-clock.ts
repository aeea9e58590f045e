/**
 * How long a view may take. Timers are named, set once, and moved only when what they wait for
 * changes; an idle voter keeps a single one.
 *
 * Entering view `cur` with k failed views since the last final one, Δ_k = min(Δ·1.5^k, 60 s): 2Δ_k for
 * a proposal, 3Δ_k for a certificate.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { leaderOf, NO_BLOCK } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { repeatBarriers } from './barrier.ts'
import { BACK_OFF } from './config.ts'
import { readyFor, repeatReady } from './epochs.ts'
import { fetchBlocks, missingBlocks } from './fetch.ts'
import { askRecall } from './recall.ts'
import { sendStatus } from './repair.ts'
import type { CoreState } from './state.ts'

type TimerName =
  | 'proposal'
  | 'certificate'
  | 'repair'
  | 'fetch'
  | 'lead'
  | 'heartbeat'
  | 'ready'
  | 'barrier'

export interface ViewClock {
  /** The view that the timers are about, and whether we wait for it at all. */
  view: number
  isAwake: boolean
  /** When the view was entered, or when there began to be something to wait for. */
  since: Millis
  readonly armed: Map<TimerName, Millis>
  /** How often READY was repeated. */
  readyTries: number
}

export function createViewClock(): ViewClock {
  return { view: 0, isAwake: false, since: 0, armed: new Map(), readyTries: 0 }
}

/** Δ_k as it stands. */
export function delta(core: CoreState): Millis {
  const failed = Math.max(0, core.currentView - core.finalView - 2)
  const { deltaMs, maxDeltaMs } = core.timing
  return Math.min(deltaMs * BACK_OFF ** failed, maxDeltaMs)
}

/**
 * How long a leader may keep the state still for READY: F and READY are two messages one after the
 * other, and its block has to be there before the others give up on the view at 2Δ_k.
 */
export function standStillMs(core: CoreState): Millis {
  return 1.5 * delta(core)
}

/** Whether a notarised block waits above the last final one. */
export function hasUnfinished(core: CoreState): boolean {
  for (const { view, certificates } of core.views.values()) {
    if (view > core.finalView && certificates.notarise) return true
  }
  return false
}

/** Idle is when nothing is to be decided, by our knowledge or by that of others. */
function isAwake(core: CoreState): boolean {
  if (core.finalView > core.tip.view) return true
  if (core.me === undefined) return false
  const mayRest = core.recalled && !core.waiting && !core.isStale && !core.shouldBeat
  if (!mayRest || hasUnfinished(core)) return true
  const { own, proposed, rejected } = core.view(core.currentView)
  if (own.nullify || own.notarise || (proposed && !rejected)) return true
  const skipping = core.votes.weightOf('nullify', core.currentView, NO_BLOCK)
  return skipping > core.tolerated || readyFor(core, core.tip.stateRoot) !== undefined
}

/** Brings the timers in line with where we stand. The last thing after every input. */
export function tendTimers(core: CoreState): void {
  const { clock, currentView } = core
  const awake = isAwake(core) && core.halted === undefined
  if (clock.view !== currentView || clock.isAwake !== awake) {
    clock.view = currentView
    clock.isAwake = awake
    clock.since = core.now
    armView(core)
  }
  arm(core, 'heartbeat', heartbeatAt(core))
  armFetch(core)
  armReady(core)
  if (core.barriers.size === 0) arm(core, 'barrier', undefined)
  else if (!clock.armed.has('barrier')) arm(core, 'barrier', core.now + core.timing.deltaMs)
}

function armView(core: CoreState): void {
  const { clock, now } = core
  const wait = delta(core)
  const waits = clock.isAwake && core.me !== undefined && core.recalled
  arm(core, 'proposal', waits ? now + 2 * wait : undefined)
  arm(core, 'certificate', waits ? now + 3 * wait : undefined)
  arm(core, 'repair', clock.isAwake ? now + repairAfter(core) : undefined)
  const leads = waits && leaderOf(core.set, core.currentView) === core.me
  arm(core, 'lead', leads ? now + wait / 2 : undefined)
}

/**
 * Lost messages are asked for several times within a view, and the more often the longer it lasts:
 * with one chance a view, a quorum that needs everybody hardly comes about at 20 % loss.
 */
function repairAfter(core: CoreState): Millis {
  return Math.max(core.timing.deltaMs, delta(core) / 6)
}

function heartbeatAt(core: CoreState): Millis | undefined {
  if (core.clock.isAwake || core.halted !== undefined) return undefined
  const { heartbeatMs, deltaMs } = core.timing
  const leads = core.me !== undefined && leaderOf(core.set, core.currentView) === core.me
  return core.lastFinalAt + heartbeatMs + (leads ? 0 : 3 * deltaMs)
}

function armFetch(core: CoreState): void {
  if (!core.rules.fetchesAtOnce) return
  const isMissing = core.fetching.size > 0
  if (isMissing && core.clock.armed.has('fetch')) return
  arm(core, 'fetch', isMissing ? core.now + core.timing.deltaMs : undefined)
}

function armReady(core: CoreState): void {
  const waits = core.readiness?.mine !== undefined && core.readiness.set.epoch > core.set.epoch
  if (waits && core.clock.armed.has('ready')) return
  if (!waits) core.clock.readyTries = 0
  const wait = Math.min(
    4 * core.timing.deltaMs * BACK_OFF ** core.clock.readyTries,
    core.timing.maxDeltaMs,
  )
  arm(core, 'ready', waits ? core.now + wait : undefined)
}

function arm(core: CoreState, timer: TimerName, at: Millis | undefined): void {
  const { armed } = core.clock
  if (armed.get(timer) === at) return
  if (at === undefined) {
    armed.delete(timer)
    core.emit({ type: 'clearTimer', timer })
    return
  }
  armed.set(timer, at)
  core.emit({ type: 'setTimer', timer, at })
}

/** A timer went off: one that is not armed any more says nothing, one that is early is set again. */
export function onTimer(core: CoreState, name: string): void {
  const timer = name as TimerName
  const due = core.clock.armed.get(timer)
  if (due === undefined) return
  if (core.now < due) {
    // Clocks differ from timers by a little; a timer that is lost for it would never come back.
    core.emit({ type: 'setTimer', timer, at: due })
    return
  }
  core.clock.armed.delete(timer)
  // A laptop that slept knows nothing of the view it wakes in: it asks before it gives up on it.
  if (
    core.now - due > 2 * core.timing.deltaMs &&
    (timer === 'proposal' || timer === 'certificate')
  ) {
    core.clock.view = 0
    sendStatus(core, core.others)
    return
  }
  handlers[timer](core)
}

const handlers: Record<TimerName, (core: CoreState) => void> = {
  proposal: (core) => {
    const state = core.view(core.currentView)
    noteSilence(core)
    if (!state.proposed && !state.own.notarise) state.expired = true
  },
  certificate: (core) => {
    core.view(core.currentView).expired = true
  },
  repair: (core) => {
    askRecall(core, core.others)
    sendStatus(core, core.others)
    if (!core.rules.fetchesAtOnce) fetchBlocks(core, true)
    arm(core, 'repair', core.now + repairAfter(core))
  },
  fetch: (core) => {
    if (missingBlocks(core).size > 0) fetchBlocks(core, true)
  },
  // Only wakes `lead.ts`, which looks at the time; with voters to come it may be told to wait longer.
  lead: (core) => {
    const at = core.clock.since + standStillMs(core)
    if (core.readiness && core.now < at) arm(core, 'lead', at)
  },
  heartbeat: (core) => {
    if (core.me === undefined) {
      core.lastFinalAt = core.now
      sendStatus(core, core.others)
    } else if (leaderOf(core.set, core.currentView) === core.me) core.shouldBeat = true
    else core.isStale = true
  },
  barrier: repeatBarriers,
  ready: (core) => {
    core.clock.readyTries += 1
    repeatReady(core, core.others)
  },
}

/** Remembers a leader of which nothing came while a quorum was heard, until it is heard again. */
function noteSilence(core: CoreState): void {
  const leader = core.set.voters[leaderOf(core.set, core.currentView)]!.peer
  const heard = (peer: PeerId) =>
    peer === core.config.me || (core.heardAt.get(peer) ?? -1) >= core.clock.since
  const weight = core.set.voters.reduce((sum, v) => sum + (heard(v.peer) ? v.weight : 0), 0)
  if (!heard(leader) && weight >= core.quorum) core.silent.add(leader)
}
