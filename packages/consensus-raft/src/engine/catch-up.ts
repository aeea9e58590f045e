/**
 * Brings a member that came late, or was away for long, to where the others' Raft log begins: by
 * final entries, each with its own proof, or by a snapshot where those are gone.
 *
 * @module
 */
import type { Fault, Millis, Timers } from '@folkmoot/base'
import { type Chain, encodeSnapshot, parseSnapshot } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { RaftCode } from '../codes.ts'
import {
  type EngineMessage,
  MAX_FETCHED,
  MAX_FETCHED_BYTES,
  PIECE_BYTES,
} from './engine-message.ts'

export interface CatchUpInit {
  readonly chain: Chain
  readonly timers: Timers
  readonly retryMs: Millis
  leader(): PeerId | undefined
  send(to: PeerId, message: EngineMessage): void
  stopped(fault: Fault): void
}

export interface CatchUp {
  /** Calls `done` once the chain has reached the height. */
  start(height: number, from: PeerId, done: () => void): void
  onFetch(from: PeerId, height: number): Promise<void>
  onEntries(from: PeerId, entries: readonly Uint8Array[]): Promise<void>
  onPiece(from: PeerId, piece: Extract<EngineMessage, { type: 'piece' }>): Promise<void>
  stop(): void
}

export function createCatchUp(init: CatchUpInit): CatchUp {
  const { chain, send } = init
  let goal: { height: number; from: PeerId; done: () => void } | undefined
  let pieces: Uint8Array | undefined
  let filled = 0
  let cancel = () => {}

  function ask(): void {
    if (goal === undefined) return
    cancel()
    cancel = init.timers.after(init.retryMs, ask)
    send(init.leader() ?? goal.from, { type: 'fetch', height: chain.tip.height + 1 })
  }

  function next(): void {
    if (goal === undefined) return
    if (chain.tip.height < goal.height) {
      ask()
      return
    }
    cancel()
    const { done } = goal
    goal = undefined
    done()
  }

  return {
    start(height, from, done) {
      goal = { height, from, done }
      pieces = undefined
      next()
    },

    async onFetch(from, height) {
      if (height > chain.tip.height) return
      const entries: Uint8Array[] = []
      let size = 0
      for (const entry of await chain.entries(height, MAX_FETCHED)) {
        size += entry.length
        if (entries.length > 0 && size > MAX_FETCHED_BYTES) break
        entries.push(entry)
      }
      if (entries.length > 0) {
        send(from, { type: 'entries', entries })
        return
      }
      const snapshot = encodeSnapshot(chain.snapshot())
      for (let offset = 0; offset < snapshot.length; offset += PIECE_BYTES) {
        const bytes = snapshot.slice(offset, offset + PIECE_BYTES)
        send(from, { type: 'piece', total: snapshot.length, offset, bytes })
      }
    },

    async onEntries(_from, entries) {
      for (const entry of entries) {
        if (goal === undefined || chain.tip.height >= goal.height) break
        const accepted = await chain.accept(entry)
        if (!accepted.ok) return
      }
      next()
    },

    async onPiece(_from, { total, offset, bytes }) {
      if (goal === undefined) return
      if (chain.tip.height > 0) {
        init.stopped({
          code: 'consensus-raft/too-far-behind' satisfies RaftCode,
          message: 'the others no longer have the entries that this member lacks',
        })
        return
      }
      if (offset === 0) {
        pieces = new Uint8Array(total <= MAX_SNAPSHOT ? total : 0)
        filled = 0
      }
      if (pieces?.length !== total || offset !== filled || offset + bytes.length > total) return
      pieces.set(bytes, offset)
      filled += bytes.length
      if (filled < total) return
      const parsed = parseSnapshot(pieces)
      pieces = undefined
      if (parsed.ok) await chain.install(parsed.snapshot).catch(() => {})
      next()
    },

    stop: () => {
      goal = undefined
      cancel()
    },
  }
}

/** As large as a snapshot may be at all. */
const MAX_SNAPSHOT = 256 * 1024 * 1024
