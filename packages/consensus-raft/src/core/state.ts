/**
 * Everything that one core remembers, and the effects that a step collects.
 *
 * What goes out is of three kinds. `send` leaves at once: a leader's appends may overtake its own
 * disk (thesis, 10.2.1). `record` is what must be durable. `reply` waits for all that was recorded
 * so far, in this step or an earlier one, so that nothing is answered that a crash makes forgotten.
 *
 * @module
 */
import type { Millis, StoreOperation } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { RaftConfig } from '../config.ts'
import { encodeMessage, type RaftMessage } from '../message.ts'
import { putHard } from '../storage.ts'
import type { RaftEffect, RaftRole } from './effects.ts'
import type { EntryLog, LogBase } from './entry-log.ts'
import type { Progress } from './progress.ts'

export interface RaftState {
  readonly config: RaftConfig
  readonly me: PeerId
  readonly out: Outbox
  readonly log: EntryLog
  now: Millis
  term: number
  votedFor: PeerId | null
  role: RaftRole
  /** A candidate that so far only asks whether it would be elected. */
  pre: boolean
  /** A campaign that a leader asked for: it disturbs on purpose. */
  forced: boolean
  leader: PeerId | null
  /** When the leader was last heard, or this member last gave its vote, or began to wait. */
  heardAt: Millis
  /** How long to wait from then on. */
  patienceMs: Millis
  /** Draws so far, see {@link drawPatience}. */
  draws: number
  commit: number
  /**
   * Index of the newest change of members that is known to be committed. Kept over restarts, unlike
   * `commit`: a change takes a majority of those before it too, who may be gone by then.
   */
  changed: number
  /** Up to where committed entries were handed out. */
  delivered: number
  /** Answers to the present campaign, the own one among them once it is durable. */
  readonly votes: Map<PeerId, boolean>
  /** Of all others, while leading. */
  readonly progress: Map<PeerId, Progress>
  /** Own highest durable index in this term, while leading. */
  stored: number
  /** Index of the entry that opened this leader's term. */
  opened: number
  round: number
  quorumCheckedAt: Millis
  reads: PendingRead[]
  /** Reads that this member asked the leader about. */
  readonly asked: Set<number>
  transferTo: PeerId | null
  transferUntil: Millis
  restoring: LogBase | undefined
  halted: boolean
}

export interface PendingRead {
  readonly token: number
  /** Whom to tell; null is this member itself. */
  readonly from: PeerId | null
  /** Committed when the read arrived. */
  readonly index: number
  /** Answered once a majority answered this round; 0 where the round has not begun. */
  round: number
}

export class Outbox {
  #effects: RaftEffect[] = []
  #operations: StoreOperation[] = []
  #replies: RaftEffect[] = []

  send(to: readonly PeerId[], message: RaftMessage): void {
    if (to.length > 0) this.#effects.push({ type: 'send', to, message: encodeMessage(message) })
  }

  now(effect: RaftEffect): void {
    this.#effects.push(effect)
  }

  record(...operations: StoreOperation[]): void {
    this.#operations.push(...operations)
  }

  reply(to: PeerId, message: RaftMessage): void {
    this.after({ type: 'send', to: [to], message: encodeMessage(message) })
  }

  /** Once everything recorded so far is durable. */
  after(effect: RaftEffect): void {
    this.#replies.push(effect)
  }

  take(): readonly RaftEffect[] {
    const effects = this.#effects
    if (this.#operations.length > 0 || this.#replies.length > 0) {
      // Without operations it is still a barrier: earlier ones may not be durable yet.
      // biome-ignore lint/suspicious/noThenProperty: the effect's own name for what waits for the sync
      effects.push({ type: 'persist', operations: this.#operations, then: this.#replies })
    }
    this.#effects = []
    this.#operations = []
    this.#replies = []
    return effects
  }
}

export function recordHard(s: RaftState): void {
  s.out.record(putHard({ term: s.term, votedFor: s.votedFor }))
}

/** Everybody else who gets entries: voters and learners. */
export function others(s: RaftState): PeerId[] {
  const { voters, learners } = s.log.members
  return [...voters, ...learners].filter((peer) => peer !== s.me)
}

/** Whether the newest change of members is not known to be committed. */
export function isChanging(s: RaftState): boolean {
  return s.log.membersIndex > Math.max(s.commit, s.changed)
}

/** Who left by a change that is not known to be committed: that takes a majority of those before it too. */
export function leaving(s: RaftState): PeerId[] {
  if (!isChanging(s)) return []
  const { voters, learners } = s.log.members
  return s.log.formerMembers.voters.filter(
    (peer) => peer !== s.me && !voters.includes(peer) && !learners.includes(peer),
  )
}

export function isVoter(s: RaftState, peer: PeerId): boolean {
  return s.log.members.voters.includes(peer)
}

/** Whether a leader was heard so lately that nobody needs another one. */
export function hasLeader(s: RaftState): boolean {
  if (s.role === 'leader') return true
  return s.leader !== null && s.now - s.heardAt < s.config.electionMs
}
