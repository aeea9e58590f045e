/**
 * Leading a view: which block to build on, whether there is something to decide, and the block
 * itself, which is on disk with our own vote for it before anybody sees it.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import { equalBytes, sha256 } from '@folkmoot/codec'
import {
  blockId,
  type Certificate,
  END_EPOCH,
  encodeHeader,
  encodeProposal,
  type Justification,
  justifyHash,
  leaderOf,
  MAX_PROPOSAL_BYTES,
  payloadRoot,
  type ReadyCertificate,
  type RecordedOperation,
  VOID,
  type Vote,
  voteKeyName,
} from '@folkmoot/consensus'
import {
  asParent,
  type Block,
  createBlock,
  historyAfter,
  type Parent,
  tipAsParent,
} from './block.ts'
import type { Effect } from './effects.ts'
import { readyFor } from './epochs.ts'
import { rootOf } from './frontier.ts'
import { encodeMessage } from './messages.ts'
import { addBlock } from './proposals.ts'
import { blockKey } from './records.ts'
import type { CoreState } from './state.ts'
import { delta, hasUnfinished, standStillMs } from './view-clock.ts'
import { countOwnVote, signVote, voteRecord } from './vote.ts'

/** Id, refusal and lengths of an operation; header, parent's certificate, READY and voters of a block. */
const OPERATION_OVERHEAD = 210
const BLOCK_OVERHEAD = 96 * 1024

/** What this leader is at in its view. */
export interface Leading {
  readonly view: number
  stage: 'building' | 'signing' | 'sent'
  /** The `pending` input up to which nothing was found to build. */
  triedAt: number
}

interface Content {
  readonly payload: readonly RecordedOperation[]
  readonly stateRoot: Uint8Array
  readonly nextSet: Uint8Array | null | undefined
  /** Present in the block that ends the epoch. */
  readonly ready?: ReadyCertificate
  /** Under which `built` it was made; absent where it is empty. */
  readonly token?: number
  readonly time?: number
}

/** Proposes, or begins to, where we lead and may; answers whether it did. */
export function lead(core: CoreState): boolean {
  const view = core.currentView
  if (!core.isVoting || leaderOf(core.set, view) !== core.me) return false
  const { own } = core.view(view)
  if (own.notarise || own.nullify) return false
  const leading = core.leading?.view === view ? core.leading : undefined
  if (leading && leading.stage !== 'building') return false
  if (leading && leading.triedAt < 0) return false
  const parent = chooseParent(core)
  if (!parent) return false
  return decide(core, parent, leading?.triedAt)
}

function decide(core: CoreState, parent: Parent, triedAt: number | undefined): boolean {
  const waitedMs = core.now - core.clock.since
  const waited = waitedMs >= delta(core) / 2
  const empty: Content = { payload: [], stateRoot: parent.stateRoot, nextSet: parent.nextSet }
  if (!parent.ends) {
    const ready = readyFor(core, parent.stateRoot)
    if (
      ready &&
      parent.nextSet &&
      core.tip.nextSet &&
      equalBytes(parent.nextSet, core.tip.nextSet)
    ) {
      return propose(core, parent, { ...empty, ready })
    }
    const holds = parent.nextSet !== null && standsStill(core, waitedMs)
    if (core.waiting && triedAt !== core.pendingCount && !holds) {
      build(core, parent)
      return true
    }
  }
  // A notarised block that nobody finalises needs one above it.
  return (core.shouldBeat || (hasUnfinished(core) && waited)) && propose(core, parent, empty)
}

/**
 * The next voters sign for a state: it stands still for a moment, so that they can. Δ/2 in each view
 * is enough where messages are fast. Long enough for slow ones it is now and then only, as the next
 * voters may not be there at all: all leaders together spend a sixteenth of the time on it.
 */
function standsStill(core: CoreState, waitedMs: Millis): boolean {
  const { readiness } = core
  if (!readiness) return false
  if (waitedMs < delta(core) / 2) return true
  if (core.now < readiness.standStillAt) return false
  if (waitedMs < standStillMs(core)) return true
  readiness.standStillAt = core.now + 16 * standStillMs(core) * core.set.leaders.length
  return false
}

/** The newest certified block that everything in between is skipped above; undefined while it is not here. */
export function chooseParent(core: CoreState): Parent | undefined {
  for (let view = core.currentView - 1; view > core.tip.view; view--) {
    const held = core.certificate(view, 'finalise') ?? core.certificate(view, 'notarise')
    const block = held && core.block(held.hash)
    if (block?.validity === 'valid') return asParent(block)
    // Where both branches are legal, the one whose block is here is as good.
    if (!core.rules.skipsHeld(core, view - 1, view + 1)) return undefined
  }
  return tipAsParent(core.tip)
}

function build(core: CoreState, parent: Parent): void {
  const view = core.currentView
  const { pendingCount } = core
  const { epoch } = core.set
  const leading: Leading = { view, stage: 'building', triedAt: -1 }
  core.leading = leading
  const token = core.expect('built', ({ block }) => {
    if (core.leading !== leading || core.currentView !== view || core.set.epoch !== epoch) return
    leading.triedAt = pendingCount
    if (block && core.isVoting && !core.view(view).own.nullify)
      propose(core, parent, { ...block, token, time })
  })
  const time = Math.max(parent.time, Math.trunc(core.now))
  core.emit({
    type: 'build',
    token,
    parent: parent.id,
    position: { height: parent.height + 1, time, epoch },
  })
}

/** Begins a block, if it can be justified; answers whether it did. */
function propose(core: CoreState, parent: Parent, content: Content): boolean {
  const view = core.currentView
  const { epoch } = core.set
  const justify = justification(core, parent, content.ready ?? null)
  // A log that was cut inside one decision ends without a certificate of its own last entry.
  if (!justify) return false
  const time = content.time ?? Math.max(parent.time, Math.trunc(core.now))
  if (!fits(content.payload, justify)) {
    // After very many failed views the reasons alone are large: they go first, operations follow.
    const { stateRoot, nextSet } = parent
    return propose(core, parent, { payload: [], stateRoot, nextSet })
  }
  const unsigned = { ...blockOf(core, parent, content, justify, time), justify }
  const leading: Leading = { view, stage: 'signing', triedAt: -1 }
  core.leading = leading
  const id = blockId(unsigned.header)
  let signature: Uint8Array | undefined
  let vote: Vote | undefined
  const done = () => {
    if (!signature || !vote || core.set.epoch !== epoch || view <= core.finalView) return
    const proposal = { ...unsigned, id, signature }
    const block = createBlock(proposal, encodeProposal(proposal))
    block.validity = 'valid'
    block.history = historyAfter(block, parent)
    block.nextSet = content.nextSet
    const { height } = unsigned.parsed
    core.emit({ type: 'named', id, parent: parent.id, height, token: content.token })
    publish(core, block, vote, leading)
  }
  const token = core.expect('signed', (answer) => {
    if (answer.signature.length === 0) return
    signature = answer.signature
    done()
  })
  const key = voteKeyName(epoch)
  core.emit({ type: 'sign', key, purpose: 'proposal', bytes: id, token })
  signVote(core, { epoch, kind: 'notarise', view, hash: id }, (signed) => {
    vote = signed
    done()
  })
  return true
}

/** Whether a block is small enough to be sent, with everything it rests on. Errs on the safe side. */
function fits(payload: readonly RecordedOperation[], { skipped }: Justification): boolean {
  const operations = payload.reduce((sum, { bytes }) => sum + bytes.length + OPERATION_OVERHEAD, 0)
  const reasons = skipped.reduce((sum, { signatures }) => sum + 100 + 66 * signatures.length, 0)
  return payload.length === 0 || operations + reasons + BLOCK_OVERHEAD <= MAX_PROPOSAL_BYTES
}

function justification(
  core: CoreState,
  parent: Parent,
  ready: ReadyCertificate | null,
): Justification | undefined {
  const certificate = core.certificateOf(parent.view, parent.id)
  if (parent.view > 0 && !certificate) return undefined
  const skipped: Certificate[] = []
  for (let view = parent.view + 1; view < core.currentView; view++) {
    const held = core.certificate(view, 'nullify')
    if (held) skipped.push(held)
  }
  return { parent: parent.view > 0 ? certificate! : null, skipped, ready }
}

function blockOf(
  core: CoreState,
  parent: Parent,
  { payload, stateRoot, ready }: Content,
  justify: Justification,
  time: number,
) {
  const nextSet = ready ? parent.nextSet! : null
  const bft = {
    view: core.currentView,
    parentView: parent.view,
    justifyHash: justifyHash(justify),
    flags: ready ? END_EPOCH : parent.ends ? VOID : 0,
  }
  const parsed = {
    instance: core.config.instance,
    epoch: core.set.epoch,
    height: parent.ends ? parent.height : parent.height + 1,
    parentHash: parent.id,
    payloadHash: payloadRoot(payload),
    stateRoot,
    historyRoot: rootOf(parent.history),
    time,
    ...(nextSet && { nextSetHash: sha256(nextSet) }),
    bft,
  }
  return { header: encodeHeader(parsed), parsed, payload, nextSet }
}

/** Block and own vote in one write, then to everybody, in one message. */
function publish(core: CoreState, block: Block, vote: Vote, leading: Leading): void {
  addBlock(core, block)
  block.isKept = true
  leading.stage = 'sent'
  core.shouldBeat = false
  const records = [
    { type: 'put' as const, key: blockKey(block), value: block.bytes },
    voteRecord(vote),
  ]
  const message = encodeMessage({ type: 'proposal', proposal: block.bytes, vote })
  const send: Effect[] = core.others.length > 0 ? [{ type: 'send', to: core.others, message }] : []
  core.persist(records, send, () => countOwnVote(core, vote))
}

/** After a restart the leader sends the same block again, once others have told it what it said. */
export function repeatProposal(core: CoreState): void {
  const { own } = core.view(core.currentView)
  const block = own.notarise && core.block(own.notarise.hash)
  if (!block || leaderOf(core.set, core.currentView) !== core.me || !own.notarise?.vote) return
  core.send(core.others, { type: 'proposal', proposal: block.bytes, vote: own.notarise.vote })
}
