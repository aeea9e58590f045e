/**
 * What a certificate F makes final: its block and everything before it, once all of it is here.
 *
 * @module
 */
import type { Fault, KeyDeletion, StoreOperation } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import {
  type Certificate,
  encodeCertificate,
  historyLeaf,
  isVoid,
  leaderOf,
} from '@folkmoot/consensus'
import type { ConsensusBftCode } from '../codes.ts'
import type { Block } from './block.ts'
import type { LogTip } from './config.ts'
import { crossingsOf } from './crossings.ts'
import type { BftInput } from './effects.ts'
import { beginReady, endEpoch } from './epochs.ts'
import { grow, pathAfter } from './frontier.ts'
import { encodeMessage } from './messages.ts'
import { blockKey, FINAL_KEY, FORK_KEY, notarisedKey, VOTE_KINDS, voteKey } from './records.ts'
import type { CoreState } from './state.ts'

/** Views below the last final one of which votes are remembered, to recognise late lies. */
const REMEMBERED_VIEWS = 16

/** Delivers as far as the certificates F and the blocks allow; answers whether it did. */
export function deliverFinal(core: CoreState): boolean {
  if (core.finalView <= core.tip.view || core.ending) return false
  const finals = [...core.views.values()]
    .filter(({ view, certificates }) => view > core.tip.view && certificates.finalise)
    .sort((a, b) => b.view - a.view)
  for (const { certificates } of finals) {
    const chain = chainTo(core, certificates.finalise!.hash)
    if (chain === 'fork') {
      haltAtFork(core, certificates.finalise!)
      return false
    }
    // Where the log holds all of it, nothing is delivered: that is no progress to settle again for.
    if (chain?.some(({ proposal }) => !isVoid(proposal.parsed))) {
      deliver(core, chain, certificates.finalise!)
      return true
    }
  }
  return false
}

/** For good: after a restart nothing else here may tell that two histories were decided. */
function haltAtFork(core: CoreState, certificate: Certificate): void {
  if (core.halted) return
  core.persist(
    [{ type: 'put', key: FORK_KEY, value: encodeCertificate(certificate) }],
    [],
    () => {},
  )
  core.halt(forkFault())
}

export function forkFault(): Fault {
  const message = 'a final block does not descend from the final block before it'
  return { code: 'consensus-bft/fork' satisfies ConsensusBftCode, message }
}

/** Blocks above the tip up to this one, ascending; undefined while one is missing. */
function chainTo(core: CoreState, id: Uint8Array): Block[] | 'fork' | undefined {
  const chain: Block[] = []
  for (let at = id; !equalBytes(at, core.tip.id); ) {
    const block = core.block(at)
    if (!block) return undefined
    chain.unshift(block)
    at = block.proposal.parsed.parentHash
    const isBelow = block.proposal.parsed.bft.parentView <= core.tip.view
    if (isBelow && !equalBytes(at, core.tip.id)) return 'fork'
  }
  return chain
}

function deliver(core: CoreState, chain: readonly Block[], certificate: Certificate): void {
  const blocks = chain.filter(({ proposal }) => !isVoid(proposal.parsed))
  const last = blocks.at(-1)!
  const certified = chain.at(-1)!
  // Two tell the observers, who would notice a lost certificate at the next heartbeat only.
  const { view } = certificate
  if ([view, view + 1].some((led) => leaderOf(core.set, led) === core.me)) {
    const message = encodeMessage({ type: 'certificate', certificate })
    core.emit({ type: 'publish', message })
  }
  const covered = blocks.filter((block) => block !== certified)
  const leaves = covered.map(({ proposal }) => historyLeaf(proposal.header))
  core.emit({
    type: 'deliver',
    blocks: blocks.map(({ id, proposal, height }, i) => {
      const { header, payload } = proposal
      const path = i < leaves.length ? pathAfter(core.tip.history, leaves, i) : null
      return { id, header, height, payload, path }
    }),
    certified: certified.proposal.header,
    certificate: encodeCertificate(certificate),
  })
  const crossings = crossingsOf(core, chain)
  let { history } = core.tip
  for (const { proposal } of blocks) history = grow(history, historyLeaf(proposal.header))
  const tip = {
    height: last.height,
    id: last.id,
    time: last.proposal.parsed.time,
    view: last.view,
    stateRoot: last.proposal.parsed.stateRoot,
    history,
    certificate: last === certified ? certificate : core.certificateOf(last.view, last.id),
    nextSet: last.nextSet,
  }
  advance(core, tip, certificate)
  // At once: whoever stops at a fork writes nothing more.
  if (crossings.length > 0) core.persist(crossings, [], () => {})
  core.ending = last.ends
}

/**
 * Moves the tip, and forgets what can have no part in anything any more.
 *
 * @param final certificate F of the tip or of a block above it
 */
export function advance(core: CoreState, tip: LogTip, final: Certificate): void {
  core.tip = tip
  core.finalView = Math.max(core.finalView, tip.view)
  core.lastFinalAt = core.now
  core.isStale = false
  core.shouldBeat = false
  const tidy: (StoreOperation | KeyDeletion)[] = []
  for (const [view, { own }] of core.views) {
    if (view > tip.view) continue
    for (const kind of VOTE_KINDS) {
      if (own[kind]) tidy.push({ type: 'delete', key: voteKey({ view, kind }) })
    }
    if (own.finalise) tidy.push({ type: 'delete', key: notarisedKey(view) })
    core.views.delete(view)
  }
  core.votes.forget(tip.view - REMEMBERED_VIEWS)
  for (const key of [...core.checkingVotes.keys()]) {
    if (Number.parseInt(key, 10) <= tip.view) core.checkingVotes.delete(key)
  }
  for (const block of [...core.blocks.values()]) {
    if (descends(core, block)) continue
    core.blocks.delete(block.hex)
    if (block.isKept) tidy.push({ type: 'delete', key: blockKey(block) })
  }
  // Votes went on the strength of what is kept: it must not go back with a log that lost its end.
  if (isAbove(final, core.keptFinal)) {
    core.keptFinal = final
    tidy.push({ type: 'put', key: FINAL_KEY, value: encodeCertificate(final) })
  }
  core.undelivered.push({ height: tip.height, tidy })
}

function isAbove(a: CoreState['keptFinal'], b: CoreState['keptFinal']): boolean {
  return a.epoch === b.epoch ? a.view > b.view : a.epoch > b.epoch
}

/** Whether the block is above the tip, or may turn out to be. */
function descends(core: CoreState, block: Block): boolean {
  let at = block
  for (;;) {
    const { parentHash, bft } = at.proposal.parsed
    if (at.view <= core.tip.view) return false
    if (equalBytes(parentHash, core.tip.id)) return true
    if (bft.parentView <= core.tip.view) return false
    const parent = core.block(parentHash)
    if (!parent) return true
    at = parent
  }
}

/** The log is durable up to a height: the votes below it may go with the next write. */
export function onDelivered(
  core: CoreState,
  { height, nextSet }: Extract<BftInput, { type: 'delivered' }>,
): void {
  while (core.undelivered.length > 0 && core.undelivered[0]!.height <= height) {
    core.tidy(...core.undelivered.shift()!.tidy)
  }
  if (height !== core.tip.height) return
  core.tip = { ...core.tip, nextSet }
  if (core.ending) endEpoch(core)
  else beginReady(core)
}
