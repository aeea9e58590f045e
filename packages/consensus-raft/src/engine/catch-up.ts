/**
 * Brings a member to where the others are, other than by the Raft log: one that came late or was
 * away for so long that the others' log begins above its own; one that hears no leader, as it may
 * know none of those who lead today; and one that has no seat (yet, or any more). By final entries,
 * each with its own proof, so that it does not matter who sends them; or by a snapshot where those
 * are gone.
 *
 * @module
 */
import { errorCode, errorMessage, type Fault, type Millis, type Timers } from '@folkmoot/base'
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
  /** Whom to ask, the most wanted first. */
  whom(): readonly PeerId[]
  /** Whether entries come by the Raft log at present. */
  hearsLeader(): boolean
  /** Runs what reads or changes the chain while nothing else does. */
  aside<T>(action: () => Promise<T>): Promise<T>
  send(to: PeerId, message: EngineMessage): void
  stopped(fault: Fault, error?: unknown): void
}

export interface CatchUp {
  /** Calls `done` once the chain has reached the height. */
  start(height: number, from: PeerId, done: () => void): void
  /** Answers with entries; with a snapshot, which costs more, only where `trusted`. */
  onFetch(from: PeerId, height: number, trusted: boolean): Promise<void>
  onEntries(entries: readonly Uint8Array[]): Promise<void>
  onPiece(piece: Extract<EngineMessage, { type: 'piece' }>): Promise<void>
  stop(): void
}

export function createCatchUp(init: CatchUpInit): CatchUp {
  const { chain, send } = init
  let goal: { height: number; from: PeerId; done: () => void } | undefined
  let pieces: Uint8Array | undefined
  let filled = 0
  let turn = 0

  const isWanting = () => goal !== undefined || !init.hearsLeader()

  /** Somebody else each time: whoever was asked may be gone, or know no more. */
  function ask(): void {
    if (!isWanting()) return
    const known = init.whom()
    const whom = goal && known.length === 0 ? [goal.from] : known
    const to = whom[turn % whom.length]
    turn += 1
    if (to !== undefined) send(to, { type: 'fetch', height: chain.tip.height + 1 })
  }
  const cancel = init.timers.every(init.retryMs, ask)

  function reach(): boolean {
    if (goal === undefined || chain.tip.height < goal.height) return false
    const { done } = goal
    goal = undefined
    done()
    return true
  }

  return {
    start(height, from, done) {
      goal = { height, from, done }
      pieces = undefined
      turn = 0
      if (!reach()) ask()
    },

    async onFetch(from, height, trusted) {
      // None has the height 0, and who has decided nothing has no snapshot either.
      if (height < 1 || height > chain.tip.height) return
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
      if (!trusted) return
      const snapshot = encodeSnapshot(await init.aside(async () => chain.snapshot()))
      for (let offset = 0; offset < snapshot.length; offset += PIECE_BYTES) {
        const bytes = snapshot.slice(offset, offset + PIECE_BYTES)
        send(from, { type: 'piece', total: snapshot.length, offset, bytes })
      }
    },

    async onEntries(entries) {
      if (!isWanting()) return
      const before = chain.tip.height
      try {
        await init.aside(async () => {
          for (const entry of entries) {
            const accepted = await chain.accept(entry)
            if (!accepted.ok) break
          }
        })
      } catch (error) {
        // It may have been applied in part.
        const code = errorCode(error, 'consensus/storage-failed')
        init.stopped({ code, message: errorMessage(error) }, error)
        return
      }
      if (chain.halted) init.stopped(chain.halted)
      // Where those came from there may be more.
      else if (!reach() && chain.tip.height > before) {
        turn = Math.max(0, turn - 1)
        ask()
      }
    },

    async onPiece({ total, offset, bytes }) {
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
      // One that does not prove itself changes nothing; another one may.
      if (parsed.ok) await init.aside(() => chain.install(parsed.snapshot).catch(() => {}))
      if (!reach()) ask()
    },

    stop: () => {
      goal = undefined
      cancel()
    },
  }
}

/** As large as a snapshot may be at all. */
const MAX_SNAPSHOT = 256 * 1024 * 1024
