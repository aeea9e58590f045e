/**
 * What this core asks of its driver and is told by it, beyond what every core does.
 *
 * @module
 */
import type { Fault, Millis } from '@folkmoot/base'
import type { CoreEffect, CoreInput } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { Membership, RaftEntry } from '../entry.ts'
import type { LogBase } from './entry-log.ts'

export type RaftOwnEffect =
  /** Comes back as an input of the same form: in `then` of a persist it says that all before is durable. */
  | { readonly type: 'stored'; readonly term: number; readonly index: number }
  /**
   * These are committed, in order, without gaps, and durable here. They waited for the disk, so a base
   * that was `restored` meanwhile may cover some of them: its state has those already.
   */
  | { readonly type: 'committed'; readonly entries: readonly RaftEntry[] }
  /** What the log holds beyond what is committed is another: entries came, or were dropped. */
  | { readonly type: 'tail' }
  /** Bring the state to this base with the help of `from`, then say `restored`. */
  | { readonly type: 'restore'; readonly base: LogBase; readonly from: PeerId }
  /** Who leads changed, or this member's part in it. */
  | {
      readonly type: 'role'
      readonly role: RaftRole
      readonly leader: PeerId | null
      readonly term: number
    }
  /** Whatever was acknowledged before the read was asked for is at or below `index`. */
  | { readonly type: 'readable'; readonly token: number; readonly index: number }
  /** Nobody could say; ask again. */
  | { readonly type: 'unreadable'; readonly token: number }
  | { readonly type: 'changeRefused'; readonly fault: Fault }
  /** A member sent what no member of this version sends. */
  | { readonly type: 'misbehaved'; readonly peer: PeerId; readonly fault: Fault }
  /** Nothing may be done any more: two logs contradict each other below what is committed. */
  | { readonly type: 'halted'; readonly fault: Fault }

export type RaftOwnInput =
  | { readonly type: 'start'; readonly at: Millis }
  | { readonly type: 'stored'; readonly term: number; readonly index: number; readonly at: Millis }
  /** Appends entries, one for each; without effect where this member does not lead. */
  | { readonly type: 'propose'; readonly data: readonly Uint8Array[]; readonly at: Millis }
  | { readonly type: 'change'; readonly change: RaftChange; readonly at: Millis }
  | { readonly type: 'read'; readonly token: number; readonly at: Millis }
  /** The state has reached the base that `restore` asked for. */
  | { readonly type: 'restored'; readonly base: LogBase; readonly at: Millis }
  /** Entries up to here are not needed any more; at most what is committed. */
  | {
      readonly type: 'compact'
      readonly index: number
      readonly info: Uint8Array
      readonly at: Millis
    }
  /** Hand the lead over, if this member has it and the other is up to date. */
  | { readonly type: 'transfer'; readonly to: PeerId; readonly at: Millis }

/** One member at a time (thesis, chapter 4). A voter that is added as a learner becomes one. */
export type RaftChange =
  | { readonly kind: 'add'; readonly peer: PeerId; readonly as: 'voter' | 'learner' }
  | { readonly kind: 'remove'; readonly peer: PeerId }

export type RaftEffect = CoreEffect<RaftOwnEffect>
export type RaftInput = CoreInput<RaftOwnInput>
export type RaftRole = 'follower' | 'candidate' | 'leader'

/** What others may know of a core. */
export interface RaftView {
  readonly role: RaftRole
  readonly leader: PeerId | null
  readonly term: number
  readonly commit: number
  readonly lastIndex: number
  readonly base: LogBase
  readonly members: Membership
  /** Voters who left by a change that is not known to be committed: they are still needed for it. */
  readonly leaving: readonly PeerId[]
  /** Whether the newest change of members is not known to be committed. */
  readonly changing: boolean
  /** Whether the leader's first entry of its term is committed, and it is not handing over. */
  readonly settled: boolean
  /** Index of the newest change of members, committed or not. */
  readonly membersIndex: number
  /** Undefined below the base and above the last entry. */
  termAt(index: number): number | undefined
  /** Highest index a member is known to hold; undefined where this one does not lead. */
  matchOf(peer: PeerId): number | undefined
}
