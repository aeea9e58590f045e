/**
 * Remembers which envelopes were taken, so that none is taken twice. Memory is bounded per peer:
 * what had to be forgotten moves the peer's start of memory, and older envelopes are refused.
 *
 * @module
 */
import { type Millis, refuse, type Verdict } from '@folkmoot/base'

export interface ReplayConfig {
  /** How long after its deadline an envelope is still remembered; the receiver's clock skew. */
  readonly maxSkewMs: Millis
  /** Envelopes remembered per peer. */
  readonly maxPerPeer: number
  /** Peers remembered. */
  readonly maxPeers: number
}

export const replayDefaults: ReplayConfig = {
  maxSkewMs: 120_000,
  maxPerPeer: 8_192,
  maxPeers: 4_096,
}

export interface ReplayClaim {
  readonly from: string
  /** Hex or another text form of the envelope's 16 bytes. */
  readonly id: string
  readonly sent: Millis
  readonly deadline: Millis
  readonly at: Millis
}

export interface ReplayWindow {
  /** Takes an envelope once: refuses `calls/replay` and `calls/before-memory`. */
  take(claim: ReplayClaim): Verdict
  /** Everything remembered, to be kept over a clean restart. */
  snapshot(): ReplaySnapshot
  readonly size: number
}

export interface ReplaySnapshot {
  readonly start: Millis
  readonly peers: readonly {
    readonly from: string
    readonly start: Millis
    readonly ids: readonly (readonly [id: string, expires: Millis, sent: Millis])[]
  }[]
}

interface PeerMemory {
  start: Millis
  /** No id may be forgotten before this instant. */
  expiresFrom: Millis
  /** In order of arrival; the value is when it may be forgotten and when it was sent. */
  readonly ids: Map<string, readonly [expires: Millis, sent: Millis]>
}

/**
 * @param start the instant from which this memory is complete: now after a loss, or the start of
 *   the snapshot that is restored
 */
export function createReplayWindow(
  config: ReplayConfig,
  start: Millis,
  restored?: ReplaySnapshot,
): ReplayWindow {
  const peers = new Map<string, PeerMemory>()
  let commonStart = restored?.start ?? start
  for (const { from, start: since, ids } of restored?.peers ?? []) {
    peers.set(from, {
      start: since,
      expiresFrom: -Infinity,
      ids: new Map(ids.map(([id, expires, sent]) => [id, [expires, sent]])),
    })
  }

  function memoryOf(from: string, at: Millis): PeerMemory {
    const known = peers.get(from)
    if (known !== undefined) {
      // In order of use: who is heard from is not forgotten for the sake of passers-by.
      peers.delete(from)
      peers.set(from, known)
      return known
    }
    if (peers.size >= config.maxPeers) forgetQuietest(at)
    const memory = { start: commonStart, expiresFrom: Infinity, ids: new Map() }
    peers.set(from, memory)
    return memory
  }

  /** Room for a new peer: those with nothing left to remember go first, at no cost to anyone. */
  function forgetQuietest(at: Millis): void {
    for (const [from, memory] of peers) {
      expire(memory, at)
      if (memory.ids.size === 0) {
        commonStart = Math.max(commonStart, memory.start)
        peers.delete(from)
        return
      }
    }
    const first = peers.entries().next().value
    if (first === undefined) return
    for (const [, sent] of first[1].ids.values()) commonStart = Math.max(commonStart, sent + 1)
    peers.delete(first[0])
  }

  function expire(memory: PeerMemory, at: Millis): void {
    // A full memory asks at every envelope: most times a look at one number must do.
    if (memory.expiresFrom >= at) return
    memory.expiresFrom = Infinity
    for (const [id, [expires]] of memory.ids) {
      if (expires < at) memory.ids.delete(id)
      else memory.expiresFrom = Math.min(memory.expiresFrom, expires)
    }
  }

  return {
    take({ from, id, sent, deadline, at }) {
      const memory = memoryOf(from, at)
      if (memory.ids.has(id)) return refuse('calls/replay', 'this envelope was already taken')
      if (sent < memory.start) {
        return refuse('calls/before-memory', 'sent before this memory begins')
      }
      if (memory.ids.size >= config.maxPerPeer) expire(memory, at)
      while (memory.ids.size >= config.maxPerPeer) {
        const oldest = memory.ids.entries().next().value!
        memory.ids.delete(oldest[0])
        memory.start = Math.max(memory.start, oldest[1][1] + 1)
      }
      if (sent < memory.start) {
        return refuse('calls/before-memory', 'sent before this memory begins')
      }
      const expires = deadline + config.maxSkewMs
      memory.expiresFrom = Math.min(memory.expiresFrom, expires)
      memory.ids.set(id, [expires, sent])
      return { ok: true }
    },
    snapshot: () => ({
      start: commonStart,
      peers: [...peers].map(([from, { start: since, ids }]) => ({
        from,
        start: since,
        ids: [...ids].map(([id, [expires, sent]]) => [id, expires, sent] as const),
      })),
    }),
    get size() {
      return [...peers.values()].reduce((sum, { ids }) => sum + ids.size, 0)
    },
  }
}
