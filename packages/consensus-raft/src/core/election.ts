/**
 * Who leads: waiting, asking first (PreVote), voting, and leaving the lead (CheckQuorum).
 *
 * Source: Ongaro, *Consensus: Bridging Theory and Practice* (the thesis), chapters 3, 4 and 9.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { sha256, utf8 } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import type { RaftMessage } from '../message.ts'
import { putEntry } from '../storage.ts'
import { startProgress } from './progress.ts'
import { majorityOf } from './quorum.ts'
import { failReads } from './reads.ts'
import { broadcast } from './replication.ts'
import { hasLeader, isVoter, leaving, others, type RaftState, recordHard } from './state.ts'

type Message<Type extends RaftMessage['type']> = Extract<RaftMessage, { type: Type }>

/** Begins to wait for a leader, for another while than last time, so that votes rarely split. */
export function wait(s: RaftState): void {
  s.draws += 1
  const seed = sha256(utf8(`${s.me} ${s.term} ${s.draws}`))
  const share = ((seed[0]! << 8) | seed[1]!) / 0x1_0000
  s.heardAt = s.now
  s.patienceMs = s.config.electionMs * (1 + share)
}

export function armElection(s: RaftState): void {
  s.out.now({ type: 'setTimer', timer: 'election', at: s.heardAt + s.patienceMs })
}

/** The timer may fire early: hearing a leader does not set it again. */
export function onElectionTimer(s: RaftState): void {
  if (s.role === 'leader') return
  if (s.now < s.heardAt + s.patienceMs) armElection(s)
  else campaign(s, true)
}

/** Asks for votes; with `pre` only whether there would be any, which disturbs nobody. */
export function campaign(s: RaftState, pre: boolean): void {
  wait(s)
  armElection(s)
  // Who does not vote does not lead, and who is being restored does not know what it holds.
  if (!isVoter(s, s.me) || s.restoring !== undefined) return
  s.votes.clear()
  s.pre = pre
  s.leader = null
  s.role = 'candidate'
  if (!pre) {
    s.term += 1
    s.votedFor = s.me
    recordHard(s)
  }
  tellRole(s)
  const request = {
    type: 'vote',
    term: pre ? s.term + 1 : s.term,
    pre,
    force: s.forced,
    lastIndex: s.log.lastIndex,
    lastTerm: s.log.lastTerm,
  } as const
  for (const peer of s.log.members.voters) if (peer !== s.me) s.out.reply(peer, request)
  if (pre) {
    countVote(s, s.me, true)
  } else {
    // One's own vote counts when it is durable, like everybody's.
    s.out.after({ type: 'stored', term: s.term, index: 0 })
  }
}

export function onVoteRequest(s: RaftState, from: PeerId, m: Message<'vote'>): void {
  const upToDate = s.log.isUpToDate(m.lastIndex, m.lastTerm)
  if (m.pre) {
    const granted = m.term > s.term && upToDate && !hasLeader(s)
    // The term of a refusal is one's own, so that a candidate that lags behind learns of it.
    const term = granted ? m.term : s.term
    s.out.reply(from, { type: 'voted', term, pre: true, granted })
    return
  }
  const free = s.votedFor === null && s.leader === null
  const granted = m.term === s.term && upToDate && (free || s.votedFor === from)
  if (granted) {
    s.votedFor = from
    recordHard(s)
    wait(s)
  }
  s.out.reply(from, { type: 'voted', term: s.term, pre: false, granted })
}

export function onVoted(s: RaftState, from: PeerId, m: Message<'voted'>): void {
  if (s.role !== 'candidate' || m.pre !== s.pre) return
  if (m.pre ? m.granted && m.term !== s.term + 1 : m.term !== s.term) return
  countVote(s, from, m.granted)
}

export function countVote(s: RaftState, from: PeerId, granted: boolean): void {
  const { voters } = s.log.members
  if (!voters.includes(from) || s.votes.has(from)) return
  s.votes.set(from, granted)
  const yes = [...s.votes].filter(([peer, vote]) => vote && voters.includes(peer)).length
  const no = s.votes.size - yes
  if (yes >= majorityOf(voters)) {
    if (s.pre) campaign(s, false)
    else lead(s)
  } else if (no > voters.length - majorityOf(voters)) {
    follow(s, s.term, null)
  }
}

/** Takes a term as it is, or a newer one; `leader` where it is known. */
export function follow(s: RaftState, term: number, leader: PeerId | null): void {
  const led = s.role === 'leader'
  if (term > s.term) {
    s.term = term
    s.votedFor = null
    s.leader = null
    recordHard(s)
  }
  const changed = s.role !== 'follower' || s.leader !== leader
  s.role = 'follower'
  s.pre = false
  s.forced = false
  s.leader = leader ?? s.leader
  s.transferTo = null
  s.progress.clear()
  s.votes.clear()
  if (led) {
    s.out.now({ type: 'clearTimer', timer: 'heartbeat' })
    wait(s)
    armElection(s)
  }
  if (changed) {
    failReads(s)
    tellRole(s)
  }
}

function lead(s: RaftState): void {
  s.role = 'leader'
  s.leader = s.me
  s.forced = false
  s.stored = 0
  s.round = 0
  s.quorumCheckedAt = s.now
  s.progress.clear()
  for (const peer of [...others(s), ...leaving(s)])
    s.progress.set(peer, startProgress(s.log.lastIndex + 1))
  // An entry of its own term: only through it older ones are known to be committed.
  const entry = {
    index: s.log.lastIndex + 1,
    term: s.term,
    kind: 'noop',
    data: new Uint8Array(),
  } as const
  s.opened = entry.index
  s.log.append(entry)
  s.out.record(putEntry(entry))
  s.out.after({ type: 'stored', term: s.term, index: entry.index })
  failReads(s)
  tellRole(s)
  s.out.now({ type: 'clearTimer', timer: 'election' })
  armHeartbeat(s)
  broadcast(s)
}

export function armHeartbeat(s: RaftState): void {
  s.out.now({ type: 'setTimer', timer: 'heartbeat', at: s.now + s.config.heartbeatMs })
}

/** A leader that a majority does not answer any more leads nobody. */
export function checkQuorum(s: RaftState): void {
  if (s.now - s.quorumCheckedAt < s.config.electionMs) return
  s.quorumCheckedAt = s.now
  const { voters } = s.log.members
  const heard = voters.filter((peer) => peer === s.me || s.progress.get(peer)?.heard === true)
  for (const progress of s.progress.values()) progress.heard = false
  if (heard.length < majorityOf(voters)) {
    s.leader = null
    follow(s, s.term, null)
  }
}

export function onTimeoutNow(s: RaftState, from: PeerId): void {
  if (s.role === 'leader' || s.leader !== from || !isVoter(s, s.me)) return
  s.forced = true
  campaign(s, false)
}

function tellRole(s: RaftState): void {
  s.out.now({ type: 'role', role: s.role, leader: s.leader, term: s.term })
}

/** How long a hand-over may take before the leader takes proposals again. */
export function transferPatience(s: RaftState): Millis {
  return s.now + s.config.electionMs
}
