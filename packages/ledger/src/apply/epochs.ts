/**
 * Epochs as the state knows them: which one it is in, who votes in it, and how it enters the next.
 *
 * @module
 */
import { type Position, parseVoterSet, type VoterSet } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { FactStore, Facts } from '../fact-store.ts'

/** 0 while one founder decides. */
export function currentEpoch(facts: Pick<Facts, 'epoch'>): number {
  return facts.epoch.get('')?.epoch ?? 0
}

const parsed = new WeakMap<Uint8Array, VoterSet>()

/** A set as the state stores it; each is read once. */
export function readSet(bytes: Uint8Array | null | undefined): VoterSet | undefined {
  if (!bytes) return undefined
  const known = parsed.get(bytes)
  if (known) return known
  const read = parseVoterSet(bytes)
  if (!read.ok) return undefined
  parsed.set(bytes, read.set)
  return read.set
}

/** Undefined in epoch 0. */
export function currentVoters(facts: Pick<Facts, 'epoch' | 'voters'>): VoterSet | undefined {
  return readSet(facts.voters.get(`${currentEpoch(facts)}`)?.set)
}

const peersBySet = new WeakMap<VoterSet, ReadonlySet<PeerId>>()

export function isVoter(facts: Pick<Facts, 'epoch' | 'voters'>, peer: PeerId): boolean {
  const set = currentVoters(facts)
  if (!set) return false
  let peers = peersBySet.get(set)
  if (!peers) {
    peers = new Set(set.voters.map((voter) => voter.peer))
    peersBySet.set(set, peers)
  }
  return peers.has(peer)
}

/**
 * Enters the epoch of an operation's position, if that is the one that the next set was decided
 * for. The set that steps down leaves its hash; keys that were registered for epochs that have
 * begun are gone, so that none is ever used twice.
 */
export function enterEpoch(facts: FactStore, at: Position): void {
  const before = currentEpoch(facts)
  if (at.epoch <= before) return
  const next = facts.next.get('')
  const set = readSet(next?.set)
  if (!next || set?.epoch !== at.epoch) return
  beginEpoch(facts, at, set, next)
  const old = facts.voters.get(`${before}`)
  if (old) facts.voters.set(`${before}`, { set: null, hash: old.hash })
  facts.next.delete('')
  for (const key of [...facts.voteKey.entries.keys()]) {
    if (Number(key.slice(0, key.indexOf('/'))) <= at.epoch) facts.voteKey.delete(key)
  }
  for (const peer of [...facts.overdue.entries.keys()]) facts.overdue.delete(peer)
  const seats = facts.seats.get('')
  if (seats) facts.seats.set('', { ...seats, changed: false, height: at.height })
}

export function beginEpoch(
  facts: FactStore,
  at: Position,
  set: VoterSet,
  { set: bytes, hash }: { readonly set: Uint8Array; readonly hash: Uint8Array },
): void {
  facts.epoch.set('', { epoch: set.epoch, engine: set.engine, height: at.height })
  facts.voters.set(`${set.epoch}`, { set: bytes, hash })
}
