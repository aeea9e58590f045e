/**
 * Who is here: the state of every peer that was heard of, from presence records, links and silence.
 * Who is *allowed* is the ledger's question.
 *
 * Pure: records to publish and timers leave as effects. Detection follows Lifeguard: silence makes
 * a peer suspect, it may refute with a higher incarnation, and a peer that is itself late accuses
 * more slowly.
 *
 * @module
 */
import type { Millis, Step } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { beliefMs, presencePeriodMs } from './announcing.ts'
import type { Presence } from './presence.ts'
import { type Suspicion, type SuspicionConfig, suspicionDeadline } from './suspicion.ts'

export interface MembershipConfig {
  readonly self: PeerId
  readonly suspicion: SuspicionConfig
  /** A peer without a link is suspect after this many of its periods without a record. */
  readonly silentPeriods: number
  /** How long a peer whose link broke may take to come back before it is suspect. */
  readonly linkGraceMs: Millis
  /** How long someone gone is remembered, so that an old record does not bring it back. */
  readonly rememberGoneMs: Millis
  /** Peers remembered at most; the ledger bounds who may speak at all. */
  readonly maxPeers: number
}

/** As memberlist's WAN preset, so that a hidden laptop is not declared dead. */
export const membershipDefaults = {
  suspicion: { minMs: 6_000, maxMs: 36_000, confirmations: 3 },
  silentPeriods: 3,
  linkGraceMs: 5_000,
  rememberGoneMs: 60 * 60_000,
  maxPeers: 20_000,
} as const

/** Incarnations begin at the time of day: one further ahead of it is not a life but an attack. */
const MAX_AHEAD_MS: Millis = 10 * 60_000
/** What may be claimed of us: less, so that clocks that differ do not make others doubt our answer. */
const MAX_AHEAD_OF_US_MS: Millis = 5 * 60_000

export type PeerStatus = 'here' | 'suspect' | 'gone'

export interface PeerView {
  readonly presence: Presence
  readonly status: PeerStatus
  /** When it last spoke or was linked. */
  readonly heardAt: Millis
  readonly linked: boolean
  /** When our link to it broke, while neither a link nor a record has come since. */
  readonly lostLinkAt?: Millis
  readonly suspicion?: Suspicion
}

export interface Membership {
  readonly self: Presence
  readonly announcedAt: Millis
  readonly peers: ReadonlyMap<PeerId, PeerView>
  /** How many are here, as a newcomer was told, and when. */
  readonly told?: { readonly peers: number; readonly at: Millis }
  /** 1 while our timers are on time, up to 8 while they are late (Lifeguard's local health). */
  readonly health: number
  readonly timerAt: Millis | undefined
}

export type MembershipInput =
  /** A record whose signature and membership were checked. */
  | {
      readonly type: 'heard'
      readonly peer: PeerId
      readonly presence: Presence
      readonly at: Millis
    }
  /** `accuser` says that `peer` is silent in `incarnation`. */
  | {
      readonly type: 'accused'
      readonly peer: PeerId
      readonly accuser: PeerId
      readonly incarnation: number
      readonly at: Millis
    }
  | { readonly type: 'link'; readonly peer: PeerId; readonly up: boolean; readonly at: Millis }
  | { readonly type: 'timer'; readonly at: Millis; readonly dice: number }
  /** Our own record changed; the incarnation is set here. */
  | {
      readonly type: 'own'
      readonly change: Partial<Omit<Presence, 'v' | 'incarnation'>>
      readonly at: Millis
    }
  /** We are new, and were told how many are here: we have heard only some, and rarely hear them. */
  | { readonly type: 'told'; readonly peers: number; readonly at: Millis }
  /** The ledger no longer knows this peer. */
  | { readonly type: 'removed'; readonly peer: PeerId }

export type MembershipEffect =
  /** Publish our record. */
  | { readonly type: 'announce'; readonly presence: Presence }
  /** Publish our accusation, so that the peer can refute it and others confirm. */
  | { readonly type: 'suspect'; readonly peer: PeerId; readonly incarnation: number }
  | { readonly type: 'joined'; readonly peer: PeerId }
  | { readonly type: 'gone'; readonly peer: PeerId; readonly why: 'left' | 'silent' }
  /** Replaces the timer set before. */
  | { readonly type: 'set-timer'; readonly at: Millis }

export function newMembership(self: Presence): Membership {
  return {
    self,
    announcedAt: Number.NEGATIVE_INFINITY,
    peers: new Map(),
    health: 1,
    timerAt: undefined,
  }
}

/** Everyone who was heard of, ourselves not included; those gone are listed until forgotten. */
export function present(
  state: Membership,
): readonly { peer: PeerId; status: PeerStatus; presence: Presence }[] {
  return [...state.peers].map(([peer, { status, presence }]) => ({ peer, status, presence }))
}

/** How many there are, ourselves included: who is new has heard fewer than there are. */
export function crowdSize(state: Membership, at: Millis): number {
  const heard = state.peers.size + 1
  return at < believedUntil(state) ? Math.max(heard, state.told?.peers ?? 0) : heard
}

/** Until when what we were told counts: until each has spoken, and no longer than they are heard. */
function believedUntil({ told, peers }: Membership): Millis {
  return told === undefined ? Number.NEGATIVE_INFINITY : told.at + beliefMs(told.peers, peers.size)
}

type MembershipStep = Step<Membership, MembershipEffect>

/** Applies one input. */
export function stepMembership(
  config: MembershipConfig,
  state: Membership,
  input: MembershipInput,
): MembershipStep {
  const step = apply(config, state, input)
  return withTimer(config, step, 'at' in input ? input.at : undefined)
}

function apply(
  config: MembershipConfig,
  state: Membership,
  input: MembershipInput,
): MembershipStep {
  switch (input.type) {
    case 'heard':
      return heard(config, state, input.peer, input.presence, input.at)
    case 'accused':
      return accused(config, state, input)
    case 'link':
      return linkChanged(state, input.peer, input.up, input.at)
    case 'own':
      return announce({ ...state, self: { ...state.self, ...input.change } }, input.at)
    case 'told': {
      const told = { peers: Math.min(input.peers, config.maxPeers), at: input.at }
      return { state: { ...state, told }, effects: [] }
    }
    case 'timer':
      return timer(config, state, input.at, input.dice)
    case 'removed': {
      const peers = new Map(state.peers)
      const known = peers.get(input.peer)
      peers.delete(input.peer)
      const effects: MembershipEffect[] =
        known === undefined || known.status === 'gone'
          ? []
          : [{ type: 'gone', peer: input.peer, why: 'left' }]
      return { state: { ...state, peers }, effects }
    }
  }
}

/** Whether we, or an earlier life of ours, can have announced this incarnation. */
function ofUs(state: Membership, incarnation: number, at: Millis): boolean {
  return incarnation <= Math.max(state.self.incarnation, at + MAX_AHEAD_OF_US_MS)
}

function heard(
  config: MembershipConfig,
  state: Membership,
  peer: PeerId,
  presence: Presence,
  at: Millis,
): MembershipStep {
  if (peer === config.self) {
    // Another tab with our key, or our own life before a reload: speak with a higher number.
    if (presence.incarnation < state.self.incarnation) return { state, effects: [] }
    if (!ofUs(state, presence.incarnation, at)) return { state, effects: [] }
    const same = presence.incarnation === state.self.incarnation
    if (same && presence.state === state.self.state) return { state, effects: [] }
    const self = { ...state.self, incarnation: presence.incarnation }
    return announce({ ...state, self }, at)
  }
  const known = state.peers.get(peer)
  const newest = Math.max(known?.presence.incarnation ?? 0, at + MAX_AHEAD_MS)
  if (presence.incarnation > newest) return { state, effects: [] }
  if (known === undefined && state.peers.size >= config.maxPeers) return { state, effects: [] }
  if (known !== undefined) {
    const older = presence.incarnation < known.presence.incarnation
    const same = presence.incarnation === known.presence.incarnation
    // Leaving outranks being here in the same incarnation, so that order does not matter.
    const settled = same && (known.presence.state === 'leaving' || known.status === 'gone')
    if (older || settled) return { state, effects: [] }
  }
  const leaving = presence.state === 'leaving'
  const refuted =
    known?.suspicion === undefined || presence.incarnation > known.suspicion.incarnation
  const view: PeerView = {
    presence,
    status: leaving ? 'gone' : refuted ? 'here' : 'suspect',
    heardAt: Math.max(at, known?.heardAt ?? at),
    linked: known?.linked ?? false,
    ...(leaving || refuted ? {} : { suspicion: known!.suspicion! }),
  }
  const was = known?.status ?? 'gone'
  const effects: MembershipEffect[] = []
  if (was === 'gone' && view.status !== 'gone') effects.push({ type: 'joined', peer })
  if (was !== 'gone' && view.status === 'gone') effects.push({ type: 'gone', peer, why: 'left' })
  return { state: { ...state, peers: new Map(state.peers).set(peer, view) }, effects }
}

function accused(
  config: MembershipConfig,
  state: Membership,
  input: Extract<MembershipInput, { type: 'accused' }>,
): MembershipStep {
  const { peer, accuser, incarnation, at } = input
  if (peer === config.self) {
    if (incarnation < state.self.incarnation) return { state, effects: [] }
    if (!ofUs(state, incarnation, at)) return { state, effects: [] }
    // Refute, and take it as a hint that we are slow ourselves.
    const self = { ...state.self, incarnation }
    return announce({ ...state, self, health: Math.min(8, state.health + 1) }, at)
  }
  const known = state.peers.get(peer)
  if (known === undefined || known.status === 'gone' || accuser === peer) {
    return { state, effects: [] }
  }
  if (incarnation < known.presence.incarnation) return { state, effects: [] }
  // What we see outranks what we are told.
  if (known.linked) return { state, effects: [] }
  return suspect(state, peer, known, accuser, at)
}

function suspect(
  state: Membership,
  peer: PeerId,
  known: PeerView,
  accuser: PeerId,
  at: Millis,
): MembershipStep {
  const suspicion: Suspicion = {
    since: known.suspicion?.since ?? at,
    incarnation: known.presence.incarnation,
    accusers: new Set([...(known.suspicion?.accusers ?? []), accuser]),
  }
  const view: PeerView = { ...known, status: 'suspect', suspicion }
  return { state: { ...state, peers: new Map(state.peers).set(peer, view) }, effects: [] }
}

function linkChanged(state: Membership, peer: PeerId, up: boolean, at: Millis): MembershipStep {
  const known = state.peers.get(peer)
  if (known === undefined || known.linked === up) return { state, effects: [] }
  const { suspicion, lostLinkAt: _, ...rest } = known
  const heardAt = Math.max(at, known.heardAt)
  // A link that stands proves life, whatever others say.
  const status = up && known.status === 'suspect' ? 'here' : known.status
  const view: PeerView = up
    ? { ...rest, status, linked: true, heardAt }
    : { ...rest, linked: false, heardAt, lostLinkAt: at, ...(suspicion ? { suspicion } : {}) }
  return { state: { ...state, peers: new Map(state.peers).set(peer, view) }, effects: [] }
}

/** When an unlinked peer that is `here` becomes suspect. */
function silentAt(config: MembershipConfig, state: Membership, view: PeerView, at: Millis): Millis {
  const period = presencePeriodMs(crowdSize(state, at))
  const silent = view.heardAt + config.silentPeriods * period * state.health
  if (view.lostLinkAt === undefined) return silent
  return Math.min(silent, view.lostLinkAt + config.linkGraceMs * state.health)
}

function timer(
  config: MembershipConfig,
  state: Membership,
  at: Millis,
  dice: number,
): MembershipStep {
  let next = state
  const effects: MembershipEffect[] = []
  const take = (step: MembershipStep) => {
    next = step.state
    effects.push(...step.effects)
  }
  if (state.timerAt !== undefined) {
    const late = at - state.timerAt > 2_000
    const health = late ? Math.min(8, state.health + 1) : Math.max(1, state.health - 0.25)
    next = { ...next, health }
  }
  const peers = new Map(next.peers)
  for (const [peer, view] of peers) {
    if (view.status === 'gone') {
      if (at - view.heardAt > config.rememberGoneMs) peers.delete(peer)
      continue
    }
    const silent = !view.linked && at >= silentAt(config, next, view, at)
    if (view.suspicion !== undefined) {
      if (at >= suspicionDeadline(config.suspicion, view.suspicion, next.health)) {
        const { suspicion: _, ...rest } = view
        peers.set(peer, { ...rest, status: 'gone', heardAt: at })
        effects.push({ type: 'gone', peer, why: 'silent' })
      } else if (silent && !view.suspicion.accusers.has(config.self)) {
        // A second opinion: more accusers bring the end nearer.
        const accusers = new Set(view.suspicion.accusers).add(config.self)
        peers.set(peer, { ...view, suspicion: { ...view.suspicion, accusers } })
        effects.push({ type: 'suspect', peer, incarnation: view.presence.incarnation })
      }
    } else if (silent) {
      const incarnation = view.presence.incarnation
      const suspicion = { since: at, incarnation, accusers: new Set([config.self]) }
      peers.set(peer, { ...view, status: 'suspect', suspicion })
      effects.push({ type: 'suspect', peer, incarnation })
    }
  }
  next = { ...next, peers }
  const period = presencePeriodMs(crowdSize(next, at))
  if (next.self.state === 'here' && at - next.announcedAt >= period * (0.75 + dice / 4)) {
    take(announce(next, at))
  }
  return { state: next, effects }
}

function announce(state: Membership, at: Millis): MembershipStep {
  // Every record counts as a heartbeat: a higher incarnation refutes any older suspicion.
  const { incarnation } = state.self
  // Started by a clock that was corrected since: nobody has believed those incarnations.
  const base = incarnation > at + MAX_AHEAD_MS ? at : incarnation
  const self = { ...state.self, incarnation: base + 1 }
  return {
    state: { ...state, self, announcedAt: at },
    effects: [{ type: 'announce', presence: self }],
  }
}

/** One timer for whatever comes next; never sooner than 250 ms, so that ties do not spin. */
function withTimer(
  config: MembershipConfig,
  step: MembershipStep,
  at: Millis | undefined,
): MembershipStep {
  const { state } = step
  const now = at ?? Number.NEGATIVE_INFINITY
  const due: Millis[] = []
  for (const view of state.peers.values()) {
    if (view.suspicion !== undefined) {
      due.push(suspicionDeadline(config.suspicion, view.suspicion, state.health))
      if (!view.linked && !view.suspicion.accusers.has(config.self)) {
        due.push(silentAt(config, state, view, now))
      }
    } else if (view.status === 'here' && !view.linked) due.push(silentAt(config, state, view, now))
  }
  // From then on peers are expected, and we have to speak, as often as those are here whom we heard.
  if (now < believedUntil(state)) due.push(believedUntil(state))
  const period = presencePeriodMs(crowdSize(state, now))
  const announceAt = Number.isFinite(state.announcedAt) ? state.announcedAt + period : (at ?? 0)
  if (state.self.state === 'here') due.push(announceAt)
  const earliest = due.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  if (!Number.isFinite(earliest)) return step
  const timerAt = at === undefined ? earliest : Math.max(at + 250, earliest)
  if (timerAt === state.timerAt) return step
  return {
    state: { ...state, timerAt },
    effects: [...step.effects, { type: 'set-timer', at: timerAt }],
  }
}
