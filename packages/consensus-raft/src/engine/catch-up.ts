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
import { type Assembly, createAssembly, type Piece } from './snapshot-assembly.ts'

export interface CatchUpInit {
  readonly chain: Chain
  readonly timers: Timers
  readonly retryMs: Millis
  /** Whom to ask, the most wanted first. */
  whom(): readonly PeerId[]
  /** Those of them whom the log or the ledger names: with nobody else have entries to be. */
  members(): readonly PeerId[]
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
  /** Answers with entries; where those are gone, only who is `trusted`, with a snapshot or so. */
  onFetch(from: PeerId, height: number, trusted: boolean): Promise<void>
  onEntries(entries: readonly Uint8Array[]): Promise<void>
  onPiece(from: PeerId, piece: Piece): Promise<void>
  /** A member no longer has the entries from this height on. */
  onGone(from: PeerId, height: number): void
  /** Whether those who answered so far no longer have what comes next here. */
  isStuck(): boolean
  stop(): void
}

/** Periods without a piece after which another peer is asked. Doubles: some links are slow. */
const PATIENCE = 4
/** Messages of entries that may wait at once; what is dropped is asked for again. As for a follower. */
const MAX_TAKING = 64
/** Pieces that are given one more period to arrive before the same peer is sent them anew: 4 MiB. */
const PIECES_PER_PERIOD = 8

export function createCatchUp(init: CatchUpInit): CatchUp {
  const { chain, send } = init
  let goal: { height: number; from: PeerId; done: () => void } | undefined
  let assembly: Assembly | undefined
  let patience = PATIENCE
  let turn = 0
  /** Members without the entry that comes next here, which has the height `goneAt`. */
  const gone = new Set<PeerId>()
  let goneAt = 0
  /** Messages of entries that are being taken in, or wait for it. */
  let taking = 0
  /** Peers that a snapshot is on its way to. */
  const sending = new Set<PeerId>()

  const isWanting = () => goal !== undefined || !init.hearsLeader()

  /** Somebody else each time: whoever was asked may be gone, or know no more. */
  function ask(): void {
    // The executor may have got there, too.
    if (reach() || !isWanting()) return
    const known = init.whom()
    const whom = goal && known.length === 0 ? [goal.from] : known
    const to = whom[turn % whom.length]
    turn += 1
    if (to !== undefined) send(to, { type: 'fetch', height: chain.tip.height + 1 })
  }

  /** As long as pieces come, nobody is asked: another snapshot would be on its way beside this one. */
  function retry(): void {
    if (assembly) {
      assembly.idle += 1
      if (assembly.idle <= patience) return
      assembly = undefined
      patience *= 2
    }
    ask()
  }
  const cancel = init.timers.every(init.retryMs, retry)

  function reach(): boolean {
    if (goal === undefined || chain.tip.height < goal.height) return false
    const { done } = goal
    goal = undefined
    assembly = undefined
    patience = PATIENCE
    done()
    return true
  }

  /** Sends one snapshot at a time to a peer, however often it asks. */
  async function sendSnapshot(to: PeerId): Promise<void> {
    if (sending.has(to)) return
    sending.add(to)
    let periods = 1
    try {
      const snapshot = encodeSnapshot(await init.aside(async () => chain.snapshot()))
      for (let offset = 0; offset < snapshot.length; offset += PIECE_BYTES) {
        const bytes = snapshot.slice(offset, offset + PIECE_BYTES)
        send(to, { type: 'piece', total: snapshot.length, offset, bytes })
      }
      periods += snapshot.length / PIECE_BYTES / PIECES_PER_PERIOD
    } finally {
      init.timers.after(periods * init.retryMs, () => sending.delete(to))
    }
  }

  return {
    start(height, from, done) {
      goal = { height, from, done }
      turn = 0
      // Where the leader's log begins higher by now, a snapshot that comes is of use all the same.
      if (!assembly) ask()
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
      if (entries.length > 0) send(from, { type: 'entries', entries })
      // A snapshot starts an empty ledger only, and this one has entries.
      else if (trusted && height > 1) send(from, { type: 'gone', height })
      else if (trusted) await sendSnapshot(from)
    },

    async onEntries(entries) {
      // From anybody: each takes back what is executed ahead, so that nobody may have many wait.
      if (!isWanting() || entries.length === 0 || taking >= MAX_TAKING) return
      const before = chain.tip.height
      taking += 1
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
      } finally {
        taking -= 1
      }
      if (chain.halted) init.stopped(chain.halted)
      // Where those came from there may be more.
      else if (!reach() && chain.tip.height > before) {
        assembly = undefined
        turn = Math.max(0, turn - 1)
        ask()
      }
    },

    async onPiece(from, piece) {
      // Late, where another one's entries or snapshot were here first.
      if (goal === undefined || chain.tip.height > 0) return
      assembly ??= createAssembly(from, piece)
      if (assembly?.from !== from) return
      const whole = assembly.add(piece)
      if (whole === undefined) return
      assembly = undefined
      const parsed = parseSnapshot(whole)
      // One that does not prove itself changes nothing; another one may.
      if (parsed.ok) await init.aside(() => chain.install(parsed.snapshot).catch(() => {}))
      if (chain.halted) init.stopped(chain.halted)
      else ask()
    },

    onGone(from, height) {
      const members = init.members()
      if (goal === undefined || height !== chain.tip.height + 1 || !members.includes(from)) return
      if (goneAt !== height) gone.clear()
      goneAt = height
      if (gone.has(from)) return
      gone.add(from)
      if (members.some((peer) => !gone.has(peer))) {
        ask()
        return
      }
      init.stopped({
        code: 'consensus-raft/too-far-behind' satisfies RaftCode,
        message: 'the others no longer have the entries that this member lacks',
      })
    },

    isStuck: () => goal !== undefined && gone.size > 0 && goneAt === chain.tip.height + 1,

    stop: () => {
      goal = undefined
      cancel()
    },
  }
}
