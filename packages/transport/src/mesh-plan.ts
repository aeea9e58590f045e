/**
 * Which peers a tab dials for a direct link, and when. Pure: the time and the dice come in.
 *
 * Every tab wants `min(degree, n − 1)` direct links. Pairs are ranked by a hash that both ends
 * compute alike, so they want each other. Of a pair one dials at once and the other only when the
 * link is still missing, so that they rarely cross: whoever came later, because it was told of the
 * other before the other can have heard of it.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { compareBytes, sha256, utf8 } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { LinkKind } from './transport.ts'

export interface MeshConfig {
  readonly self: PeerId
  /** Direct links wanted. */
  readonly degree: number
  /** Direct links at which no more are dialled; a browser's 501st connection throws. */
  readonly cap: number
  /** Spread of a second dial. */
  readonly jitterMs: Millis
  /** How much later the second of a pair dials. */
  readonly secondMs: Millis
  /** How long it leaves the first one to finish once a circuit from there has opened. */
  readonly patienceMs: Millis
  /** Dials at the same time; more only make each slower. */
  readonly parallel: number
  readonly retryMinMs: Millis
  readonly retryMaxMs: Millis
}

export const meshDefaults = {
  degree: 6,
  cap: 12,
  jitterMs: 120,
  secondMs: 700,
  patienceMs: 8_000,
  parallel: 3,
  retryMinMs: 1_000,
  retryMaxMs: 60_000,
} as const

interface Attempt {
  readonly failures: number
  readonly dueAt: Millis
  readonly dialing: boolean
  /** Already put off once because the other side seems to be dialling. */
  readonly patient?: boolean
}

export interface MeshState {
  /** By rank of the pair with us, the most wanted first. */
  readonly peers: readonly PeerId[]
  /** Those of them that leave the first dial to us. */
  readonly waiting: ReadonlySet<PeerId>
  readonly attempts: ReadonlyMap<PeerId, Attempt>
}

export const emptyMesh: MeshState = { peers: [], waiting: new Set(), attempts: new Map() }

export type MeshInput =
  | {
      readonly type: 'peers'
      readonly peers: readonly PeerId[]
      readonly waiting: ReadonlySet<PeerId>
    }
  /** Best link kinds by peer; whoever is absent has none. */
  | { readonly type: 'tick'; readonly at: Millis; readonly links: ReadonlyMap<PeerId, LinkKind> }
  | { readonly type: 'dialled'; readonly peer: PeerId; readonly ok: boolean; readonly at: Millis }
  /** Forget all waiting: the relay is back, the tab woke up. */
  | { readonly type: 'nudge' }

export interface DialEffect {
  readonly type: 'dial'
  readonly peer: PeerId
}

/** Both ends of a pair compute the same value. */
function pairRank(a: PeerId, b: PeerId): Uint8Array {
  return sha256(utf8(a < b ? `${a}|${b}` : `${b}|${a}`))
}

function ranked(self: PeerId, peers: readonly PeerId[]): PeerId[] {
  return [...new Set(peers)]
    .filter((peer) => peer !== self)
    .map((peer) => ({ peer, rank: pairRank(self, peer) }))
    .sort((a, b) => compareBytes(a.rank, b.rank))
    .map(({ peer }) => peer)
}

/** After so many dials in vain another peer gets the place; most that fail have no WebRTC. */
const hopelessAfter = 2

/**
 * The `degree` peers that we want direct links with, of those that need WebRTC: by rank, and last
 * those that were dialled in vain, so that a tab among many servers still finds the other tabs.
 */
export function wantedPeers(
  config: Pick<MeshConfig, 'degree'>,
  state: MeshState,
  links: ReadonlyMap<PeerId, LinkKind>,
): PeerId[] {
  const hopeful: PeerId[] = []
  const hopeless: PeerId[] = []
  for (const peer of state.peers) {
    const kind = links.get(peer)
    if (kind === 'tcp' || kind === 'websocket') continue
    const failures = kind === 'direct' ? 0 : (state.attempts.get(peer)?.failures ?? 0)
    if (failures < hopelessAfter) hopeful.push(peer)
    else hopeless.push(peer)
  }
  return [...hopeful, ...hopeless].slice(0, config.degree)
}

/** Applies one input; `dice` is uniform in [0, 1). */
export function stepMesh(
  config: MeshConfig,
  state: MeshState,
  input: MeshInput,
  dice: () => number,
): { readonly state: MeshState; readonly effects: readonly DialEffect[] } {
  const attempts = new Map(state.attempts)
  switch (input.type) {
    case 'peers': {
      const known = new Set(input.peers)
      for (const peer of attempts.keys()) if (!known.has(peer)) attempts.delete(peer)
      const peers = ranked(config.self, input.peers)
      return { state: { peers, waiting: input.waiting, attempts }, effects: [] }
    }
    case 'nudge': {
      for (const [peer, attempt] of attempts) if (!attempt.dialing) attempts.delete(peer)
      return { state: { ...state, attempts }, effects: [] }
    }
    case 'dialled': {
      const failures = input.ok ? 0 : (attempts.get(input.peer)?.failures ?? 0) + 1
      const wait = Math.min(config.retryMaxMs, config.retryMinMs * 2 ** Math.max(0, failures - 1))
      attempts.set(input.peer, {
        failures,
        dueAt: input.at + wait * (0.75 + dice() / 2),
        dialing: false,
      })
      return { state: { ...state, attempts }, effects: [] }
    }
    case 'tick': {
      const effects: DialEffect[] = []
      let direct = 0
      for (const kind of input.links.values()) if (kind === 'direct') direct += 1
      let dialing = 0
      for (const attempt of attempts.values()) if (attempt.dialing) dialing += 1
      for (const peer of wantedPeers(config, state, input.links)) {
        const kind = input.links.get(peer)
        const isFirst = state.waiting.has(peer)
        const delay = isFirst ? 0 : config.secondMs + config.jitterMs * dice()
        const attempt = attempts.get(peer) ?? {
          failures: 0,
          dueAt: input.at + delay,
          dialing: false,
        }
        attempts.set(peer, attempt)
        if (attempt.dialing) continue
        if (kind === 'direct') attempts.delete(peer)
        else if (kind === 'relayed' && attempt.failures === 0 && !attempt.patient) {
          // A circuit that we did not open: the other side is at it.
          const wait = isFirst ? config.patienceMs / 2 : config.patienceMs
          attempts.set(peer, { ...attempt, dueAt: input.at + wait, patient: true })
        } else if (attempt.dueAt <= input.at && direct < config.cap && dialing < config.parallel) {
          direct += 1
          dialing += 1
          attempts.set(peer, { ...attempt, dialing: true })
          effects.push({ type: 'dial', peer })
        }
      }
      return { state: { ...state, attempts }, effects }
    }
  }
}
