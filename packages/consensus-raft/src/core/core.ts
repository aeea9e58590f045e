/**
 * The Raft core of one member: inputs in, effects out. Knows nothing of what the entries mean, of
 * signatures, or of how a state is copied.
 *
 * Source: Ongaro and Ousterhout, *In Search of an Understandable Consensus Algorithm* (the paper),
 * and Ongaro's thesis; the order "durable, then said" is kept by `state.ts`.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { RaftConfig } from '../config.ts'
import type { Membership, RaftEntry } from '../entry.ts'
import { parseMessage, type RaftMessage } from '../message.ts'
import type { RaftDisk } from '../storage.ts'
import { changeMembers } from './change-members.ts'
import type { RaftEffect, RaftInput, RaftView } from './effects.ts'
import {
  armElection,
  armHeartbeat,
  campaign,
  checkQuorum,
  countVote,
  follow,
  onElectionTimer,
  onTimeoutNow,
  onVoted,
  onVoteRequest,
  transferPatience,
  wait,
} from './election.ts'
import { EntryLog, type LogBase } from './entry-log.ts'
import { onRead, onReadable, read } from './reads.ts'
import {
  broadcast,
  forgetFormer,
  handOver,
  onAppend,
  onAppended,
  onCommitted,
  onRestored,
  onSnapshot,
  onStored,
  propose,
  rebase,
} from './replication.ts'
import { hasLeader, isChanging, leaving, Outbox, type RaftState } from './state.ts'

export interface RaftCore {
  step(input: RaftInput): readonly RaftEffect[]
  peek(): RaftView
  /** Data of the entries after an index, committed or not. */
  pending(after: number): Uint8Array[]
  /** An entry of the log, committed or not; undefined where the log does not hold it. */
  entry(index: number): RaftEntry | undefined
}

export interface RaftCoreInit {
  readonly config: RaftConfig
  readonly me: PeerId
  /** The members that the group was founded with, the same for all. Whoever joins later is in none. */
  readonly founders: Membership
}

/** Starts a core over what its disk holds; undefined where it never was a member. */
export function createRaftCore(
  { config, me, founders }: RaftCoreInit,
  disk: RaftDisk | undefined,
): RaftCore {
  const base: LogBase = disk?.base ?? {
    index: 0,
    term: 0,
    members: founders,
    info: new Uint8Array(),
  }
  const s: RaftState = {
    config,
    me,
    out: new Outbox(),
    log: new EntryLog(base, disk?.entries ?? []),
    now: 0,
    term: disk?.hard.term ?? 0,
    votedFor: disk?.hard.votedFor ?? null,
    role: 'follower',
    pre: false,
    forced: false,
    leader: null,
    heardAt: 0,
    patienceMs: 0,
    draws: 0,
    commit: base.index,
    changed: disk?.changed ?? 0,
    delivered: base.index,
    votes: new Map(),
    progress: new Map(),
    stored: 0,
    opened: 0,
    round: 0,
    quorumCheckedAt: 0,
    reads: [],
    asked: new Set(),
    transferTo: null,
    transferUntil: 0,
    restoring: undefined,
    halted: false,
  }
  return {
    step(input) {
      if (s.halted) return []
      s.now = Math.max(s.now, input.at)
      handle(s, input)
      return s.out.take()
    },
    pending: (after) => {
      const data: Uint8Array[] = []
      for (let i = Math.max(after, s.log.base.index) + 1; i <= s.log.lastIndex; i++) {
        const entry = s.log.at(i)!
        if (entry.kind === 'data') data.push(entry.data)
      }
      return data
    },
    entry: (index) => s.log.at(index),
    peek: () => ({
      role: s.role,
      leader: s.leader,
      term: s.term,
      commit: s.commit,
      lastIndex: s.log.lastIndex,
      base: s.log.base,
      members: s.log.members,
      leaving: leaving(s),
      changing: isChanging(s),
      settled: s.role === 'leader' && s.commit >= s.opened && s.transferTo === null,
      membersIndex: s.log.membersIndex,
      termAt: (index) => s.log.termAt(index),
      matchOf: (peer) => (s.role === 'leader' ? s.progress.get(peer)?.match : undefined),
    }),
  }
}

function handle(s: RaftState, input: RaftInput): void {
  switch (input.type) {
    case 'start':
      wait(s)
      // Alone there is nobody to wait for.
      if (s.log.members.voters.length === 1 && s.log.members.voters[0] === s.me) campaign(s, false)
      else armElection(s)
      return
    case 'message':
      onBytes(s, input.from, input.bytes)
      return
    case 'timer':
      if (input.timer === 'election') onElectionTimer(s)
      else if (input.timer === 'heartbeat') onHeartbeatTimer(s)
      return
    case 'stored':
      if (input.term !== s.term) return
      if (s.role === 'leader') onStored(s, input.index)
      else if (s.role === 'candidate' && !s.pre) countVote(s, s.me, true)
      return
    case 'propose':
      propose(s, 'data', input.data)
      return
    case 'change':
      changeMembers(s, input.change)
      return
    case 'read':
      read(s, input.token)
      return
    case 'restored':
      onRestored(s, input.base)
      return
    case 'compact':
      compact(s, input.index, input.info)
      return
    case 'transfer':
      if (s.role !== 'leader' || !s.log.members.voters.includes(input.to) || input.to === s.me)
        return
      s.transferTo = input.to
      s.transferUntil = transferPatience(s)
      handOver(s)
      return
    case 'connected':
      // What was sent over the broken link is lost: the next answer shows what.
      if (s.role === 'leader' && s.progress.has(input.peer)) broadcast(s)
      return
    case 'signed':
    case 'verified':
      return
  }
}

function onHeartbeatTimer(s: RaftState): void {
  if (s.role !== 'leader') return
  checkQuorum(s)
  if (s.role !== 'leader') return
  if (s.transferTo !== null && s.now > s.transferUntil) s.transferTo = null
  broadcast(s)
  forgetFormer(s)
  armHeartbeat(s)
}

function onBytes(s: RaftState, from: PeerId, bytes: Uint8Array): void {
  const parsed = parseMessage(bytes)
  if (!parsed.ok) {
    s.out.now({ type: 'misbehaved', peer: from, fault: parsed.fault })
    return
  }
  onMessage(s, from, parsed.message)
}

function onMessage(s: RaftState, from: PeerId, m: RaftMessage): void {
  if (m.term > s.term && !acceptsTerm(s, m)) return
  if (m.term > s.term && !isQuestion(m)) {
    follow(s, m.term, m.type === 'append' || m.type === 'snapshot' ? from : null)
  }
  if (m.term < s.term && !onOldTerm(s, from, m)) return
  switch (m.type) {
    case 'vote':
      onVoteRequest(s, from, m)
      return
    case 'voted':
      onVoted(s, from, m)
      return
    case 'append':
      onAppend(s, from, m)
      return
    case 'appended':
      onAppended(s, from, m)
      return
    case 'committed':
      onCommitted(s, from, m)
      return
    case 'snapshot':
      onSnapshot(s, from, m)
      return
    case 'read':
      onRead(s, from, m)
      return
    case 'readable':
      onReadable(s, from, m)
      return
    case 'timeoutNow':
      onTimeoutNow(s, from)
      return
  }
}

/** A question before an election, and the consent to it, name a term that nobody is in yet. */
function isQuestion(m: RaftMessage): boolean {
  return (m.type === 'vote' && m.pre) || (m.type === 'voted' && m.pre && m.granted)
}

/** Whoever hears a leader lets nobody disturb it, unless that leader asked for it. */
function acceptsTerm(s: RaftState, m: RaftMessage): boolean {
  return m.type !== 'vote' || m.pre || m.force || !hasLeader(s)
}

/** Whether a message of an earlier term still has to be handled. */
function onOldTerm(s: RaftState, from: PeerId, m: RaftMessage): boolean {
  if (m.type === 'append' || m.type === 'snapshot') {
    // Its leader has to learn that it is none any more.
    const at = { index: 0, hintIndex: 0, hintTerm: 0 }
    s.out.reply(from, { type: 'appended', term: s.term, round: 0, ok: false, ...at })
  }
  return m.type === 'vote'
}

function compact(s: RaftState, index: number, info: Uint8Array): void {
  if (index <= s.log.base.index || index > s.commit) return
  const term = s.log.termAt(index)!
  rebase(s, { index, term, members: s.log.membersAt(index), info })
}
