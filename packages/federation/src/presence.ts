/**
 * Drives membership: publishes this peer's presence, hears the others', and tells who is here.
 *
 * @module
 */
import {
  type Clock,
  type Logger,
  type Millis,
  type Randomness,
  refuse,
  type Timers,
} from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import {
  answersNewcomer,
  crowdSize,
  encodePresence,
  type MembershipConfig,
  type MembershipInput,
  membershipDefaults,
  newMembership,
  type Presence,
  parsePresence,
  present,
  stepMembership,
} from '@folkmoot/membership'
import type { Transport } from '@folkmoot/transport'
import type * as v from 'valibot'
import type { Exchange } from './exchange/exchange.ts'
import type { PresentPeer } from './peer.ts'
import { presence as presenceRecord } from './services.ts'

export interface PresenceInit {
  readonly me: PeerId
  readonly nickname: string
  readonly role: string
  readonly protocol: number
  /** Where others may dial this peer, at most 8; empty where it does not listen for everybody. */
  readonly addresses: readonly string[]
  readonly exchange: Exchange
  readonly transport: Transport
  readonly clock: Clock
  readonly timers: Timers
  readonly randomness: Randomness
  readonly logger: Logger
  readonly topic: string
  readonly changed: () => void
  readonly gone: (peer: PeerId) => void
}

export interface PresenceService {
  present(): readonly PresentPeer[]
  /** Whether a peer was here before us, as far as it was heard. */
  wasBefore(peer: PeerId): boolean
  /** Where a peer said that it listens; empty where it said nothing. */
  addressesOf(peer: PeerId): readonly string[]
  setWorking(working: boolean): void
  /** We are new, and so many are here. */
  told(count: number): void
  /** The ledger no longer knows this peer. */
  removed(peer: PeerId): void
  /** Says goodbye; resolves when it was handed to the neighbours. */
  leave(): Promise<void>
  stop(): void
}

const lifeMs: Millis = 120_000

/** Two tabs should meet at once; a hundred that answer one newcomer should not speak together. */
function announceDelayMs(peers: number): Millis {
  return Math.min(1_000, 60 + 20 * peers)
}

export function startPresence(init: PresenceInit): PresenceService {
  const config: MembershipConfig = { ...membershipDefaults, self: init.me }
  const startedAt = init.clock.now()
  let state = newMembership({
    v: 1,
    // Higher after every start, so that an older life never refutes this one.
    incarnation: startedAt,
    nickname: init.nickname,
    role: init.role,
    addrs: init.addresses,
    state: 'here',
    worker: false,
    protocol: init.protocol,
  })
  let cancelTimer: (() => void) | null = null
  let linked = new Set<PeerId>()
  let stopped = false
  let telling: Promise<unknown> = Promise.resolve()

  const tell = (value: v.InferOutput<(typeof presenceRecord)['input']>) => {
    telling = init.exchange.tell(init.topic, presenceRecord, value, lifeMs)
  }
  const publish = (record: Presence) => tell({ kind: 'here', presence: encodePresence(record) })

  const put = (input: MembershipInput) => {
    if (stopped) return
    const before = state.peers
    const step = stepMembership(config, state, input)
    state = step.state
    for (const effect of step.effects) {
      if (effect.type === 'announce') publish(effect.presence)
      if (effect.type === 'suspect') {
        tell({ kind: 'suspect', peer: effect.peer, incarnation: effect.incarnation })
      }
      if (effect.type === 'gone') init.gone(effect.peer)
      if (effect.type === 'joined') answer()
      if (effect.type === 'set-timer') {
        cancelTimer?.()
        cancelTimer = init.timers.after(Math.max(20, effect.at - init.clock.now()), () =>
          put({ type: 'timer', at: init.clock.now(), dice: dice() }),
        )
      }
    }
    if (state.peers !== before) init.changed()
  }
  const dice = () => {
    const [a = 0, b = 0] = init.randomness.bytes(2)
    return (a * 256 + b) / 65_536
  }
  const answer = () => {
    const peers = crowdSize(state, init.clock.now())
    const mine = { peers, addresses: state.self.addrs.length }
    if (answersNewcomer(mine, dice())) announceSoon()
  }
  let cancelSoon: (() => void) | null = null
  const announceSoon = () => {
    cancelSoon ??= init.timers.after(
      announceDelayMs(state.peers.size) * (0.2 + 0.8 * dice()),
      () => {
        cancelSoon = null
        publish(state.self)
      },
    )
  }

  const linksChanged = () => {
    const now = new Set(init.transport.links().map((link) => link.peer))
    const at = init.clock.now()
    for (const peer of now) {
      if (linked.has(peer)) continue
      put({ type: 'link', peer, up: true, at })
      announceSoon()
    }
    for (const peer of linked) if (!now.has(peer)) put({ type: 'link', peer, up: false, at })
    linked = now
    init.changed()
  }
  const unlink = init.transport.onLinks(linksChanged)

  const unhear = init.exchange.hear(init.topic, presenceRecord, async (value, from) => {
    const at = init.clock.now()
    if (value.kind === 'suspect') {
      const { peer, incarnation } = value
      put({ type: 'accused', peer: peer as PeerId, accuser: from, incarnation, at })
      return { ok: true }
    }
    const parsed = parsePresence(value.presence)
    if (!parsed.ok) return refuse(parsed.fault.code, parsed.fault.message)
    put({ type: 'heard', peer: from, presence: parsed.presence, at })
    if (linked.has(from)) put({ type: 'link', peer: from, up: true, at })
    return { ok: true }
  })

  linksChanged()
  put({ type: 'own', change: {}, at: init.clock.now() })
  return {
    present: () => [
      {
        peer: init.me,
        nickname: state.self.nickname,
        role: state.self.role,
        status: 'here',
        worker: state.self.worker,
        listens: state.self.addrs.length > 0,
      },
      ...present(state).map(({ peer, status, presence }) => ({
        peer,
        status,
        nickname: presence.nickname,
        role: presence.role,
        worker: presence.worker,
        listens: presence.addrs.length > 0,
      })),
    ],
    // Incarnations begin at the time of day.
    wasBefore: (peer) => (state.peers.get(peer)?.presence.incarnation ?? 0) < startedAt,
    addressesOf: (peer) => state.peers.get(peer)?.presence.addrs ?? [],
    setWorking: (working) => {
      if (state.self.worker !== working) {
        put({ type: 'own', change: { worker: working }, at: init.clock.now() })
      }
    },
    told: (peers) => put({ type: 'told', peers, at: init.clock.now() }),
    removed: (peer) => {
      if (state.peers.has(peer)) put({ type: 'removed', peer })
    },
    leave: async () => {
      put({ type: 'own', change: { state: 'leaving', worker: false }, at: init.clock.now() })
      await telling
    },
    stop: () => {
      stopped = true
      cancelTimer?.()
      cancelSoon?.()
      unlink()
      unhear()
    },
  }
}
