/**
 * Which envelopes were taken, by the relay's time. A member learns that time only when it joins:
 * then what it remembers is moved to it, or a fast clock would refuse everyone as "before memory".
 *
 * @module
 */
import type { KeyValueStore, Millis } from '@folkmoot/base'
import {
  createReplayWindow,
  type ReplaySnapshot,
  type ReplayWindow,
  replayDefaults,
} from '@folkmoot/calls'
import { encode, intSchema, parse } from '@folkmoot/codec'
import * as v from 'valibot'

export interface ReplayMemory {
  take: ReplayWindow['take']
  /** The time that is read here has jumped by so much, and with it the instant where memory begins. */
  moved(byMs: Millis): void
  /** Writes what is remembered, for the next start; to be called once nothing is taken any more. */
  keep(store: KeyValueStore): Promise<void>
}

const key = 'calls/replay'
/** More is not worth writing: without it the next memory begins at its start. */
const maxKeptBytes = 4 * 1024 * 1024

const instant = intSchema(0, Number.MAX_SAFE_INTEGER)
const keptSchema = v.strictObject({
  v: v.literal(1),
  start: instant,
  peers: v.array(
    v.strictTuple([v.string(), instant, v.array(v.strictTuple([v.string(), instant, instant]))]),
  ),
})

/**
 * What a peer that stopped in order has left behind, for one start: after a crash there is nothing,
 * and what was sent before the start is refused.
 */
export async function takeKept(store: KeyValueStore): Promise<ReplaySnapshot | undefined> {
  const bytes = await store.get(key)
  if (bytes === undefined) return undefined
  // Gone before anything new is taken, or a crash would find a memory with a hole at its end.
  await store.write([{ type: 'delete', key }])
  const parsed = parse(keptSchema, bytes, {
    maxBytes: maxKeptBytes,
    maxDepth: 6,
    maxItems: 1_000_000,
  })
  if (!parsed.ok) return undefined
  const { start, peers } = parsed.value
  return { start, peers: peers.map(([from, since, ids]) => ({ from, start: since, ids })) }
}

/**
 * @param startedAt this machine's clock when its memory began
 * @param kept by the last life of this peer, already in the relay's time
 */
export function createReplayMemory(startedAt: Millis, kept?: ReplaySnapshot): ReplayMemory {
  let start = startedAt
  let window = createReplayWindow(replayDefaults, start, kept)
  return {
    take: (claim) => window.take(claim),
    moved: (byMs) => {
      if (byMs === 0) return
      const before = start
      start += byMs
      const moved = (at: Millis) => (at === before ? start : at)
      const now = window.snapshot()
      window = createReplayWindow(replayDefaults, start, {
        start: moved(now.start),
        peers: now.peers.map((peer) => ({ ...peer, start: moved(peer.start) })),
      })
    },
    keep: async (store) => {
      const { start: since, peers } = window.snapshot()
      const value = encode({
        v: 1,
        start: since,
        peers: peers.map((peer) => [peer.from, peer.start, peer.ids.map((id) => [...id])]),
      })
      if (value.length <= maxKeptBytes) await store.write([{ type: 'put', key, value }])
    },
  }
}
