/**
 * From one set of voters to the next. The next voters say READY; a block ends the epoch; once that
 * is final and written, the certificate, the new epoch and the end of the old vote key are one
 * transaction. A set never changes on notarisation.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { equalBytes, toHex, utf8 } from '@folkmoot/codec'
import {
  encodeVoterSet,
  makeReadyCertificate,
  type ReadyCertificate,
  readyBytes,
  type VoterSet,
  VoteTracker,
  voteKeyName,
  voterIndex,
  voterSetHash,
  voteSigners,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { ConsensusBftCode } from '../codes.ts'
import { nextEpochSet } from './block.ts'
import type { Message } from './messages.ts'
import { askRecall, checkRecall } from './recall.ts'
import { blockKey, EPOCH_KEY, notarisedKey, VOTE_KINDS, voteKey } from './records.ts'
import { applyWords } from './restore.ts'
import type { CoreState } from './state.ts'

export type Ready = Extract<Message, { type: 'ready' }>

/** Most members whose READY waits for the state that it is about. */
const MAX_READY_WAITING = 256

/** What is known of the voters to come. */
export interface Readiness {
  readonly set: VoterSet
  readonly hash: Uint8Array
  /** Verified, for the state that was ours when it came, by index. */
  readonly said: Map<number, Ready>
  /** State roots that we have signed for. */
  readonly signed: Set<string>
  mine: Ready | undefined
  /** When a leader of ours may again keep the state still for READY; see `lead.ts`. */
  standStillAt: Millis
}

/** The voters that the final state has decided on, when they are those of the next epoch. */
export function nextVoters(core: CoreState): Readiness | undefined {
  const { nextSet } = core.tip
  if (!nextSet) return undefined
  const known = core.readiness
  if (known && equalBytes(core.readinessOf, nextSet)) return known
  const set = nextEpochSet(core.set.epoch, nextSet)
  if (!set) return undefined
  core.readinessOf = nextSet
  core.readiness = {
    set,
    hash: voterSetHash(set),
    said: new Map(),
    signed: new Set(),
    mine: undefined,
    standStillAt: 0,
  }
  return core.readiness
}

/** The log has grown: if voters are to change and we are one of them, we are synced up to here. */
export function beginReady(core: CoreState): void {
  const readiness = nextVoters(core)
  if (!readiness || core.halted) return
  const { set, hash, signed } = readiness
  for (const [from, ready] of core.readyWaiting) {
    if (voterIndex(set, from) === undefined) core.readyWaiting.delete(from)
    else core.forgeries.from(from, () => receiveReady(core, from, ready))
  }
  const voter = voterIndex(set, core.config.me)
  const { stateRoot } = core.tip
  if (voter === undefined || signed.has(toHex(stateRoot))) return
  signed.add(toHex(stateRoot))
  const said = { epoch: set.epoch, setHash: hash, stateRoot }
  const token = core.expect('signed', ({ signature }) => {
    if (core.readiness !== readiness || signature.length === 0) return
    const ready: Ready = { type: 'ready', ...said, voter, signature }
    readiness.mine = ready
    readiness.said.set(voter, ready)
    core.send(core.others, ready)
  })
  core.emit({
    type: 'sign',
    key: voteKeyName(set.epoch),
    purpose: 'ready',
    bytes: readyBytes(core.config.instance, said),
    token,
  })
}

/** Says READY again: to whoever just came, or to all voters. */
export function repeatReady(core: CoreState, to: readonly PeerId[]): void {
  const mine = core.readiness?.mine
  if (mine && nextVoters(core) === core.readiness) core.send(to, mine)
}

/**
 * A member's READY, from itself: what others repeat of it may be about a state that is past, and
 * would take the place of the one that counts. Kept aside while its state is not ours yet.
 */
export function receiveReady(core: CoreState, from: PeerId, ready: Ready): void {
  if (ready.epoch !== core.set.epoch + 1) return
  const readiness = nextVoters(core)
  if (readiness && voterIndex(readiness.set, from) !== ready.voter) return
  const { readyWaiting } = core
  if (readyWaiting.has(from) || readyWaiting.size < MAX_READY_WAITING) readyWaiting.set(from, ready)
  if (!readiness || !equalBytes(readiness.hash, ready.setHash)) return
  if (equalBytes(ready.stateRoot, core.tip.stateRoot)) verifyReady(core, readiness, from, ready)
}

function verifyReady(core: CoreState, readiness: Readiness, from: PeerId, ready: Ready): void {
  const { set, said } = readiness
  const known = said.get(ready.voter)
  if (known && equalBytes(known.stateRoot, ready.stateRoot)) return
  const signer = voteSigners(set)[ready.voter]!
  const bytes = readyBytes(core.config.instance, ready)
  const token = core.expect('verified', ({ ok }) => {
    if (!ok[0] && core.rules.checksReady) {
      if (core.readyWaiting.get(from) === ready) core.readyWaiting.delete(from)
    } else if (core.readiness === readiness && equalBytes(ready.stateRoot, core.tip.stateRoot)) {
      said.set(ready.voter, ready)
    }
  })
  const item = { signer, purpose: 'ready' as const, signature: ready.signature, bytes }
  core.emit({ type: 'verify', items: [item], token })
}

/** READY of a quorum of the next voters for a state; undefined while they are too few. */
export function readyFor(core: CoreState, stateRoot: Uint8Array): ReadyCertificate | undefined {
  const readiness = nextVoters(core)
  if (!readiness) return undefined
  const signatures = new Map<number, Uint8Array>()
  for (const [voter, ready] of readiness.said) {
    if (equalBytes(ready.stateRoot, stateRoot)) signatures.set(voter, ready.signature)
  }
  return makeReadyCertificate(readiness.set, stateRoot, signatures)
}

/** The end block is durable in the log: one transaction makes the new epoch and unmakes the old key. */
export function endEpoch(core: CoreState): void {
  const next = nextEpochSet(core.set.epoch, core.tip.nextSet)
  if (!next) {
    const code = 'consensus-bft/next-set' satisfies ConsensusBftCode
    core.halt({ code, message: 'the epoch ended for voters that the state does not name' })
    return
  }
  const { epoch } = core.set
  const operations = [
    { type: 'put' as const, key: EPOCH_KEY, value: utf8(String(next.epoch)) },
    { type: 'delete-key' as const, name: voteKeyName(epoch) },
    ...everyRecord(core),
  ]
  core.persist(operations, [], () => {
    // Told twice that the end block is written, this was asked for twice; what was said in the new
    // epoch since must not be forgotten.
    if (core.set.epoch === epoch) beginEpoch(core, next)
  })
}

/** Votes, what they rest on, and blocks above the end block: none of them counts in the next epoch. */
function everyRecord(core: CoreState) {
  const votes = [...core.views.values()].flatMap(({ view, own }) => [
    ...VOTE_KINDS.filter((kind) => own[kind]).map((kind) => voteKey({ view, kind })),
    ...(own.finalise ? [notarisedKey(view)] : []),
  ])
  const blocks = [...core.blocks.values()].filter(({ isKept }) => isKept).map(blockKey)
  return [...votes, ...blocks].map((key) => ({ type: 'delete' as const, key }))
}

/** Starts over with the end block as what everything rests on. */
function beginEpoch(core: CoreState, set: VoterSet): void {
  core.set = set
  core.me = voterIndex(set, core.config.me)
  core.votes = new VoteTracker(set)
  core.views.clear()
  core.blocks.clear()
  core.checking.clear()
  core.tip = { ...core.tip, view: 0, certificate: undefined, nextSet: null }
  core.finalView = 0
  core.currentView = 1
  // Under another engine this core has nothing more to say.
  core.ending = set.engine !== 'bft'
  // Keys are made ahead: where this disk is an older copy, this one may have been used already.
  core.recalled = set.engine !== 'bft'
  core.confirmedBy.clear()
  core.readiness = undefined
  core.leading = undefined
  core.clock.view = 0
  core.fetching.clear()
  core.checkingVotes.clear()
  core.readyWaiting.clear()
  core.lastWords.clear()
  core.liars.clear()
  applyWords(core, core.later)
  checkRecall(core)
  askRecall(core, core.others)
  core.emit({ type: 'epoch', epoch: set.epoch, set: encodeVoterSet(set) })
}
