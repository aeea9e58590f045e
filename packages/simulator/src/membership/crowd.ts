/**
 * Many peers that run membership's core over a gossip mesh: who learns of whom, and when.
 *
 * Where the crowd is large, only some of it runs the core (`watchers`, and the neighbours of whom
 * it is about); the others pass records on, which is all that the watched ones see of them.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import { peerIdOf } from '@folkmoot/identity'
import {
  answersNewcomer,
  crowdSize,
  type Membership,
  type MembershipEffect,
  type MembershipInput,
  membershipDefaults,
  newMembership,
  type PeerView,
  type Presence,
  presencePeriodMs,
  stepMembership,
} from '@folkmoot/membership'
import { SIMULATION_EPOCH } from '../kernel/clock.ts'
import { createEventQueue } from '../kernel/event-queue.ts'
import { createRandom } from '../kernel/random.ts'
import { createGossipMesh } from './gossip-mesh.ts'

export interface CrowdInit {
  readonly seed: number
  readonly peers: number
  /** Peers that run the core; default all. */
  readonly watchers?: number
  readonly degree?: number
  readonly hopMs?: readonly [low: number, high: number]
  /** How long it takes a neighbour to notice that a link is dead. */
  readonly noticeMs?: readonly [low: number, high: number]
}

export interface CrowdPeer {
  readonly peer: number
  /** What this one saw of others: `joined` and `gone`, with the simulated time. */
  readonly seen: { readonly what: 'joined' | 'gone'; readonly peer: PeerId; readonly at: number }[]
}

export interface Crowd {
  readonly now: number
  readonly watchers: readonly CrowdPeer[]
  id(peer: number): PeerId
  /** Someone new announces itself; its number. */
  join(): number
  /** Stops without a word. */
  kill(peer: number): void
  /** Breaks some of a peer's links while it lives on. */
  cut(peer: number, links: number): void
  /** Runs the core there as well, so that it announces and refutes. */
  watch(peer: number): void
  run(untilMs: number, done?: () => boolean): boolean
  /** Copies of records sent by all. */
  readonly copies: number
  /** Records spread. */
  readonly records: number
  /** The part of `records` by which those who run the core answered newcomers. */
  readonly answers: number
}

/** Simulated time at which a crowd exists whose members all know each other. */
const START_MS = 60_000

export function createCrowd(init: CrowdInit): Crowd {
  const { degree = 6, hopMs = [20, 150], noticeMs = [0, 10_000] } = init
  const random = createRandom(init.seed)
  const events = createEventQueue()
  const mesh = createGossipMesh({ peers: init.peers, degree, hopMs, random, events })
  const dice = random.fork('dice')
  const ids: PeerId[] = []
  const cores = new Map<
    number,
    { state: Membership; seen: CrowdPeer['seen']; stop: () => void; answering: boolean }
  >()
  const dead = new Set<number>()
  let records = 0
  let answers = 0

  const id = (peer: number): PeerId => {
    const known = ids[peer]
    if (known !== undefined) return known
    const key = new Uint8Array(32)
    new DataView(key.buffer).setUint32(0, peer + 1)
    const made = peerIdOf(key)
    ids[peer] = made
    return made
  }
  const at = () => Math.floor(SIMULATION_EPOCH + events.now)
  const presence = (incarnation: number): Presence => {
    const rest = { role: 'member', addrs: [], state: 'here', worker: true, protocol: 1 } as const
    return { v: 1, incarnation, nickname: '', ...rest }
  }
  const config = (peer: number) => ({ ...membershipDefaults, self: id(peer) })

  events.next(START_MS)
  const first = presence(at())
  const everyone = new Map<PeerId, PeerView>()
  for (let peer = 0; peer < init.peers; peer += 1) {
    everyone.set(id(peer), { presence: first, status: 'here', heardAt: at(), linked: false })
  }

  function watch(peer: number, knows = true): void {
    if (cores.has(peer)) return
    const peers = new Map(knows ? everyone : [])
    peers.delete(id(peer))
    for (const other of mesh.neighbours(peer)) {
      const view = peers.get(id(other))
      if (view) peers.set(id(other), { ...view, linked: true })
    }
    // Nobody has announced at the same moment as everybody else.
    const period = presencePeriodMs(init.peers)
    const announcedAt = knows ? at() - dice.below(period) : Number.NEGATIVE_INFINITY
    const state: Membership = { ...newMembership(first), announcedAt, peers }
    cores.set(peer, { state, seen: [], stop: () => {}, answering: false })
    events.after(1, () => step(peer, { type: 'timer', at: at(), dice: dice.below(1_000) / 1_000 }))
  }

  function step(peer: number, input: MembershipInput): void {
    const core = cores.get(peer)
    if (core === undefined || dead.has(peer)) return
    const { state, effects } = stepMembership(config(peer), core.state, input)
    core.state = state
    for (const effect of effects) perform(peer, effect)
  }

  function perform(peer: number, effect: MembershipEffect): void {
    const core = cores.get(peer)!
    switch (effect.type) {
      case 'announce': {
        say(peer, effect.presence)
        return
      }
      case 'suspect': {
        const { peer: accused, incarnation } = effect
        records += 1
        mesh.spread(peer, (hearer) => {
          step(hearer, { type: 'accused', peer: accused, accuser: id(peer), incarnation, at: at() })
        })
        return
      }
      case 'set-timer': {
        core.stop()
        core.stop = events.after(effect.at - at(), () => {
          step(peer, { type: 'timer', at: at(), dice: dice.below(1_000) / 1_000 })
        })
        return
      }
      case 'joined':
        core.seen.push({ what: 'joined', peer: effect.peer, at: events.now })
        answer(peer)
        return
      case 'gone':
        core.seen.push({ what: 'gone', peer: effect.peer, at: events.now })
    }
  }

  function say(peer: number, said: Presence): void {
    records += 1
    mesh.spread(peer, (hearer) => {
      step(hearer, { type: 'heard', peer: id(peer), presence: said, at: at() })
      if (mesh.neighbours(hearer).includes(peer)) {
        step(hearer, { type: 'link', peer: id(peer), up: true, at: at() })
      }
    })
  }

  /** As federation does: once for all that came within a second. */
  function answer(peer: number): void {
    const core = cores.get(peer)!
    const peers = crowdSize(core.state, at())
    if (core.answering) return
    if (!answersNewcomer({ peers, addresses: 0 }, dice.below(1_000) / 1_000)) return
    core.answering = true
    events.after(dice.between(200, 1_000), () => {
      core.answering = false
      if (dead.has(peer)) return
      answers += 1
      say(peer, core.state.self)
    })
  }

  /** The neighbour notices, unless the link is back. */
  function lose(neighbour: number, peer: number): void {
    const [low, high] = noticeMs
    events.after(random.between(low, high), () => {
      step(neighbour, { type: 'link', peer: id(peer), up: false, at: at() })
    })
  }

  for (let peer = 0; peer < Math.min(init.watchers ?? init.peers, init.peers); peer += 1) {
    watch(peer)
  }

  return {
    get now() {
      return events.now
    },
    get watchers() {
      return [...cores]
        .filter(([peer]) => !dead.has(peer))
        .map(([peer, { seen }]) => ({ peer, seen }))
    },
    id,
    watch,
    join() {
      const peer = mesh.join()
      // Its neighbours are those who will notice its death.
      for (const neighbour of mesh.neighbours(peer)) watch(neighbour)
      watch(peer, false)
      step(peer, { type: 'told', peers: init.peers, at: at() })
      return peer
    },
    kill(peer) {
      const neighbours = mesh.neighbours(peer)
      dead.add(peer)
      mesh.kill(peer)
      for (const neighbour of neighbours) lose(neighbour, peer)
    },
    cut(peer, links) {
      for (const neighbour of mesh.neighbours(peer).slice(0, links)) {
        mesh.unlink(peer, neighbour)
        lose(neighbour, peer)
        lose(peer, neighbour)
      }
    },
    run(untilMs, done = () => false) {
      while (!done()) if (!events.next(untilMs)) return done()
      return true
    },
    get copies() {
      return mesh.copies
    },
    get records() {
      return records
    },
    get answers() {
      return answers
    },
  }
}
