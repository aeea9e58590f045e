/**
 * Getting entries to the others, and knowing when a majority has them.
 *
 * Source: the thesis, chapter 3 and section 10.2 (batching and pipelining).
 *
 * @module
 */
import type { Fault } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { RaftCode } from '../codes.ts'
import type { RaftEntry } from '../entry.ts'
import { MAX_APPEND_ENTRIES, type RaftMessage } from '../message.ts'
import { dropEntry, putBase, putChanged, putEntry } from '../storage.ts'
import { follow, wait } from './election.ts'
import type { LogBase } from './entry-log.ts'
import { type Progress, startProgress } from './progress.ts'
import { committedBy, majorityOf } from './quorum.ts'
import { answerReads } from './reads.ts'
import { isChanging, others, type RaftState } from './state.ts'

type Message<Type extends RaftMessage['type']> = Extract<RaftMessage, { type: Type }>

/** Appends one's own entries and sends them, before one's own disk has them. */
export function propose(s: RaftState, kind: RaftEntry['kind'], data: readonly Uint8Array[]): void {
  if (s.role !== 'leader' || s.transferTo !== null || data.length === 0) return
  for (const bytes of data) {
    const entry = { index: s.log.lastIndex + 1, term: s.term, kind, data: bytes }
    s.log.append(entry)
    s.out.record(putEntry(entry))
  }
  s.out.after({ type: 'stored', term: s.term, index: s.log.lastIndex })
  syncProgress(s)
  for (const peer of s.progress.keys()) sendEntries(s, peer)
  s.out.now({ type: 'tail' })
}

/** Members that came get a place; those that left keep theirs until they know of it. */
function syncProgress(s: RaftState): void {
  for (const peer of others(s)) {
    if (!s.progress.has(peer)) s.progress.set(peer, startProgress(s.log.lastIndex + 1))
  }
}

/** Forgets members whose leaving is committed. */
export function forgetFormer(s: RaftState): void {
  if (s.commit < s.log.membersIndex) return
  const known = new Set(others(s))
  for (const peer of s.progress.keys()) if (!known.has(peer)) s.progress.delete(peer)
}

/** One append to everybody, also where there is nothing to send. */
export function broadcast(s: RaftState): void {
  s.round += 1
  for (const [peer, progress] of s.progress) {
    // Whatever a probe waited for may be lost.
    progress.paused = false
    sendAppend(s, peer, progress)
  }
}

/** Sends what the member lacks, as far as it may be sent now. */
function sendEntries(s: RaftState, peer: PeerId): void {
  const progress = s.progress.get(peer)!
  while (progress.next <= s.log.lastIndex) {
    const full = progress.inflight.length >= s.config.maxInflight
    if (progress.paused || full || progress.state === 'snapshot') return
    sendAppend(s, peer, progress)
  }
}

function sendAppend(s: RaftState, peer: PeerId, progress: Progress): void {
  const { term, round, commit } = s
  const prevIndex = progress.next - 1
  const prevTerm = s.log.termAt(prevIndex)
  if (prevTerm === undefined || progress.state === 'snapshot') {
    progress.state = 'snapshot'
    const { index, term: snapshotTerm, members, info } = s.log.base
    s.out.send([peer], { type: 'snapshot', term, round, index, snapshotTerm, members, info })
    return
  }
  const full = progress.inflight.length >= s.config.maxInflight
  const entries = full ? [] : s.log.from(progress.next, MAX_APPEND_ENTRIES, s.config.maxAppendBytes)
  s.out.send([peer], { type: 'append', term, round, commit, prevIndex, prevTerm, entries })
  const last = entries.at(-1)?.index
  if (progress.state === 'probe') {
    progress.paused = true
  } else if (last !== undefined) {
    progress.next = last + 1
    progress.inflight.push(last)
    progress.commitSent = Math.max(progress.commitSent, Math.min(commit, last))
  }
}

export function onAppend(s: RaftState, from: PeerId, m: Message<'append'>): void {
  heardLeader(s, from)
  const { term, round, prevIndex, prevTerm, entries } = m
  const last = prevIndex + entries.length
  const known = prevIndex < s.log.base.index ? s.log.base.term : s.log.termAt(prevIndex)
  const meets = prevIndex < s.log.base.index || known === prevTerm
  if (s.restoring !== undefined || !meets) {
    const hint = s.log.lastAtTerm(prevIndex, prevTerm)
    s.out.reply(from, {
      type: 'appended',
      term,
      round,
      ok: false,
      index: prevIndex,
      hintIndex: hint.index,
      hintTerm: hint.term,
    })
    return
  }
  const first = s.log.firstNew(entries)
  if (first !== undefined) {
    if (first.index <= s.commit) {
      halt(s, `entry ${first.index} is committed as another one`)
      return
    }
    for (let i = first.index; i <= s.log.lastIndex; i++) if (i > last) s.out.record(dropEntry(i))
    s.log.truncate(first.index)
    for (const entry of entries) {
      if (entry.index < first.index) continue
      s.log.append(entry)
      s.out.record(putEntry(entry))
    }
    s.out.now({ type: 'tail' })
  }
  commitTo(s, Math.min(m.commit, last))
  const index = Math.max(last, s.log.base.index)
  s.out.reply(from, { type: 'appended', term, round, ok: true, index, hintIndex: 0, hintTerm: 0 })
}

export function onCommitted(s: RaftState, from: PeerId, m: Message<'committed'>): void {
  heardLeader(s, from)
  // The leader says so only of what it knows that this member holds.
  if (s.restoring === undefined) commitTo(s, Math.min(m.commit, s.log.lastIndex))
}

export function onAppended(s: RaftState, from: PeerId, m: Message<'appended'>): void {
  const progress = s.progress.get(from)
  if (s.role !== 'leader' || progress === undefined) return
  progress.heard = true
  progress.round = Math.max(progress.round, Math.min(m.round, s.round))
  answerReads(s)
  if (!m.ok) refused(s, progress, m)
  else if (m.index <= s.log.lastIndex) taken(progress, m.index, s.log.base.index)
  commitOwn(s)
  if (s.role !== 'leader') return
  sendEntries(s, from)
  tellCommit(s, from, progress)
  handOver(s)
}

function taken(progress: Progress, index: number, base: number): void {
  progress.match = Math.max(progress.match, index)
  progress.next = Math.max(progress.next, index + 1)
  progress.inflight = progress.inflight.filter((last) => last > index)
  progress.paused = false
  if (progress.state === 'probe' || (progress.state === 'snapshot' && index >= base)) {
    progress.state = 'replicate'
    progress.next = progress.match + 1
    progress.inflight = []
  }
}

/** The logs do not meet there, or something got lost on the way: goes back to where they may. */
function refused(s: RaftState, progress: Progress, m: Message<'appended'>): void {
  if (progress.state === 'snapshot' || m.index < progress.match) return
  // An answer to an older probe says nothing about this one.
  if (progress.state === 'probe' && m.index !== progress.next - 1) return
  const hint = s.log.lastAtTerm(Math.min(m.hintIndex, m.index), m.hintTerm)
  const below = m.hintIndex < s.log.base.index ? m.hintIndex : hint.index
  progress.state = 'probe'
  progress.inflight = []
  progress.paused = false
  progress.next = Math.max(progress.match + 1, Math.min(below + 1, Math.max(1, m.index)))
  if (progress.next - 1 < s.log.base.index) progress.state = 'snapshot'
}

function tellCommit(s: RaftState, peer: PeerId, progress: Progress): void {
  const commit = Math.min(s.commit, progress.match)
  if (progress.state !== 'replicate' || commit <= progress.commitSent) return
  progress.commitSent = commit
  s.out.send([peer], { type: 'committed', term: s.term, commit })
}

/** Own entries became durable. */
export function onStored(s: RaftState, index: number): void {
  s.stored = Math.max(s.stored, index)
  commitOwn(s)
}

function commitOwn(s: RaftState): void {
  const index = committable(s)
  if (index <= s.commit) return
  commitTo(s, index)
  for (const [peer, progress] of s.progress) tellCommit(s, peer, progress)
  answerReads(s)
  // Removed, and everybody can know it: the others go on without this one (thesis, 4.2.2).
  if (s.commit >= s.log.membersIndex && !s.log.members.voters.includes(s.me)) {
    s.leader = null
    follow(s, s.term, null)
  }
}

function committable(s: RaftState): number {
  const match = (peer: PeerId) => (peer === s.me ? s.stored : (s.progress.get(peer)?.match ?? 0))
  const termAt = (index: number) => s.log.termAt(index)
  const index = committedBy(s.log.members.voters.map(match), s.commit, s.term, termAt)
  const change = s.log.membersIndex
  if (index < change || !isChanging(s)) return index
  // The change itself also needs a majority of those before it, so that they can sign its receipt.
  const { voters } = s.log.formerMembers
  if (voters.filter((peer) => match(peer) >= change).length >= majorityOf(voters)) return index
  return s.log.termAt(change - 1) === s.term ? Math.max(s.commit, change - 1) : s.commit
}

export function commitTo(s: RaftState, index: number): void {
  s.commit = Math.max(s.commit, index)
  noteChange(s)
  const entries: RaftEntry[] = []
  for (let i = s.delivered + 1; i <= s.commit; i++) entries.push(s.log.at(i)!)
  if (entries.length === 0) return
  s.delivered = s.commit
  s.out.after({ type: 'committed', entries })
}

/** Written with whatever is written next: who forgets it has to ask those before the change once more. */
function noteChange(s: RaftState): void {
  const change = s.log.membersIndex
  if (change > s.commit || change <= s.changed) return
  s.changed = change
  s.out.record(putChanged(change))
}

export function onSnapshot(s: RaftState, from: PeerId, m: Message<'snapshot'>): void {
  heardLeader(s, from)
  const { index, term, round } = m
  const has = index <= s.commit || s.log.termAt(index) === m.snapshotTerm
  if (!has && s.restoring?.index !== index) {
    const base = { index, term: m.snapshotTerm, members: m.members, info: m.info }
    s.restoring = base
    s.out.after({ type: 'restore', base, from })
  }
  if (has) commitTo(s, index)
  const hints = { hintIndex: s.log.lastIndex, hintTerm: s.log.lastTerm }
  s.out.reply(from, { type: 'appended', term, round, ok: has, index, ...hints })
}

export function onRestored(s: RaftState, base: LogBase): void {
  if (s.restoring?.index !== base.index || base.index <= s.commit) return
  s.restoring = undefined
  rebase(s, base)
  s.commit = base.index
  s.delivered = base.index
  s.out.now({ type: 'tail' })
  wait(s)
}

/** Drops what is below a new base, on disk as well. */
export function rebase(s: RaftState, base: LogBase): void {
  const [first, last] = [s.log.base.index + 1, s.log.lastIndex]
  s.log.rebase(base)
  s.out.record(putBase(base))
  for (let i = first; i <= last; i++) {
    if (i <= base.index || i > s.log.lastIndex) s.out.record(dropEntry(i))
  }
}

/** The other may campaign as soon as it holds everything. */
export function handOver(s: RaftState): void {
  const to = s.transferTo
  if (to === null || s.progress.get(to)?.match !== s.log.lastIndex) return
  s.out.send([to], { type: 'timeoutNow', term: s.term })
}

function heardLeader(s: RaftState, from: PeerId): void {
  if (s.role !== 'follower' || s.leader !== from) follow(s, s.term, from)
  s.heardAt = s.now
}

function halt(s: RaftState, message: string): void {
  s.halted = true
  const fault: Fault = { code: 'consensus-raft/conflict' satisfies RaftCode, message }
  s.out.now({ type: 'halted', fault })
}
