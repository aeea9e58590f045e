/**
 * Reads that see everything acknowledged before them, without writing anything (ReadIndex, thesis
 * section 6.4): the leader makes sure that it still is one, and names its commit index.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { RaftMessage } from '../message.ts'
import { majorityValue } from './quorum.ts'
import { broadcast } from './replication.ts'
import type { PendingRead, RaftState } from './state.ts'

type Message<Type extends RaftMessage['type']> = Extract<RaftMessage, { type: Type }>

/** More than one member asks for in a round trip; beyond that it asks again. */
const MAX_READS = 4_096

export function read(s: RaftState, token: number): void {
  if (s.role === 'leader') {
    queueRead(s, token, null)
    return
  }
  if (s.leader === null || s.asked.size >= MAX_READS) {
    s.out.now({ type: 'unreadable', token })
    return
  }
  s.asked.add(token)
  s.out.send([s.leader], { type: 'read', term: s.term, token })
}

export function onRead(s: RaftState, from: PeerId, m: Message<'read'>): void {
  if (s.role === 'leader') queueRead(s, m.token, from)
  else s.out.reply(from, { type: 'readable', term: s.term, token: m.token, index: 0 })
}

export function onReadable(s: RaftState, from: PeerId, m: Message<'readable'>): void {
  if (s.leader !== from || !s.asked.delete(m.token)) return
  const { token, index } = m
  s.out.now(index === 0 ? { type: 'unreadable', token } : { type: 'readable', token, index })
}

/** Before an entry of its own term is committed a leader does not know what is (section 6.4). */
function isSettled(s: RaftState): boolean {
  return s.commit >= s.opened
}

function queueRead(s: RaftState, token: number, from: PeerId | null): void {
  if (!isSettled(s) || s.reads.length >= MAX_READS) {
    refuseRead(s, token, from)
    return
  }
  const waits = s.reads.some(({ round }) => round > 0)
  s.reads.push({ token, from, index: s.commit, round: 0 })
  // Reads that arrive while a round is under way share the next one.
  if (!waits) beginRound(s)
}

function beginRound(s: RaftState): void {
  broadcast(s)
  for (const each of s.reads) if (each.round === 0) each.round = s.round
  if (s.progress.size === 0) answerReads(s)
}

/** A majority answered an append that was sent after the read came. */
export function answerReads(s: RaftState): void {
  if (s.reads.length === 0) return
  const { voters } = s.log.members
  const rounds = voters.map((peer) =>
    peer === s.me ? s.round : (s.progress.get(peer)?.round ?? 0),
  )
  const confirmed = majorityValue(rounds)
  const done = s.reads.filter(({ round }) => round > 0 && round <= confirmed)
  if (done.length === 0) return
  s.reads = s.reads.filter((each) => !done.includes(each))
  for (const { token, from, index } of done) {
    if (from === null) s.out.now({ type: 'readable', token, index })
    else s.out.send([from], { type: 'readable', term: s.term, token, index })
  }
  if (s.reads.some(({ round }) => round === 0)) beginRound(s)
}

/** Whoever led, or was asked, cannot say any more. */
export function failReads(s: RaftState): void {
  const reads: PendingRead[] = s.reads
  s.reads = []
  for (const { token, from } of reads) refuseRead(s, token, from)
  for (const token of s.asked) s.out.now({ type: 'unreadable', token })
  s.asked.clear()
}

function refuseRead(s: RaftState, token: number, from: PeerId | null): void {
  if (from === null) s.out.now({ type: 'unreadable', token })
  else s.out.send([from], { type: 'readable', term: s.term, token, index: 0 })
}
