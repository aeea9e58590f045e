/**
 * Blocks come in here, from their leader or from whoever had them, and are checked: signatures,
 * what they rest on, their place in the chain, their execution.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import {
  type Certificate,
  encodeEvidence,
  type ParsedProposal,
  parseProposal,
  proposalItem,
  readyItems,
  type SignedHeader,
  type VerifyItem,
  type Vote,
  voteItem,
} from '@folkmoot/consensus'
import {
  type Block,
  createBlock,
  endsRightly,
  fitsParent,
  historyAfter,
  isExecuted,
  nextEpochSet,
  parentOf,
} from './block.ts'
import { countVote, holdCertificate, isWelcome } from './count.ts'
import { isWanted } from './fetch.ts'
import type { CoreState } from './state.ts'

/** Blocks kept of one view before one of them is certified: two prove the lie. */
const MAX_BLOCKS_PER_VIEW = 2

/** A proposal arrived; `vote` is the leader's own N, where it came along. */
export function receiveProposal(core: CoreState, bytes: Uint8Array, vote: Vote | null): void {
  const parsed = parseProposal(bytes)
  if (!parsed.ok) return
  const { proposal } = parsed
  const { view } = proposal.parsed.bft
  if (proposal.parsed.epoch !== core.set.epoch || proposal.parsed.instance !== core.config.instance)
    return
  const wanted = isWanted(core, proposal.id)
  if (view <= core.tip.view || core.block(proposal.id) || core.checking.has(view)) return
  if (!wanted && (view <= core.finalView || !hasRoom(core, view))) return
  check(core, proposal, bytes, vote)
}

function hasRoom(core: CoreState, view: number): boolean {
  let inView = 0
  for (const block of core.blocks.values()) if (block.view === view) inView += 1
  return inView < MAX_BLOCKS_PER_VIEW
}

function check(
  core: CoreState,
  proposal: ParsedProposal,
  bytes: Uint8Array,
  vote: Vote | null,
): void {
  const { instance } = core.config
  const { view } = proposal.parsed.bft
  const sound = core.rules.justified(instance, core.set, proposal).ok
  const fresh = sound ? unknownCertificates(core, proposal) : []
  const reasons = sound ? itemsOf(core, proposal, fresh) : undefined
  const welcome = vote && isWelcome(core, vote) && equalBytes(vote.hash, proposal.id)
  const voteToCheck = welcome ? voteItem(instance, core.set, vote) : undefined
  const items = [
    proposalItem(core.set, proposal),
    ...(voteToCheck ? [voteToCheck] : []),
    ...(reasons ?? []),
  ]
  const { epoch } = core.set
  core.checking.add(view)
  const token = core.expect('verified', ({ ok }) => {
    if (core.set.epoch !== epoch) return
    core.checking.delete(view)
    const [signed, ...rest] = ok
    if (!signed) return
    if (voteToCheck && rest.shift() && vote && isWelcome(core, vote)) countVote(core, vote)
    if (view <= core.tip.view) return
    if (!reasons || !rest.every(Boolean)) {
      core.view(view).rejected = true
      return
    }
    for (const certificate of fresh) holdCertificate(core, certificate)
    addBlock(core, createBlock(proposal, bytes))
  })
  core.emit({ type: 'verify', items, token })
}

/** Takes in a block whose leader's signature and reasons hold. */
export function addBlock(core: CoreState, block: Block): void {
  if (core.blocks.has(block.hex)) return
  core.blocks.set(block.hex, block)
  const state = core.view(block.view)
  const first = state.proposed
  if (!first) state.proposed = block
  else if (first.hex !== block.hex) {
    const [a, b] = [first.proposal, block.proposal].map(({ header, signature }) => {
      return { header, signature }
    }) as [SignedHeader, SignedHeader]
    core.emit({ type: 'evidence', bytes: encodeEvidence({ kind: 'proposals', proposals: [a, b] }) })
  }
}

function unknownCertificates(core: CoreState, { justify }: ParsedProposal): Certificate[] {
  const { parent, skipped } = justify
  return [...(parent ? [parent] : []), ...skipped].filter((certificate) => {
    if (certificate.kind === 'nullify') return !core.isNullified(certificate.view)
    return !core.isNotarised(certificate.view, certificate.hash)
  })
}

/** Signatures of certificates not held yet and of READY; undefined where one lacks weight. */
function itemsOf(
  core: CoreState,
  { justify, nextSet }: ParsedProposal,
  fresh: readonly Certificate[],
): VerifyItem[] | undefined {
  const items: VerifyItem[] = []
  for (const certificate of fresh) {
    const checked = core.rules.certified(core.config.instance, core.set, certificate)
    if (!checked.ok) return undefined
    items.push(...checked.items)
  }
  if (!nextSet) return items
  const next = nextEpochSet(core.set.epoch, nextSet)
  const ready =
    next && justify.ready ? readyItems(core.config.instance, next, justify.ready) : undefined
  return ready?.ok ? [...items, ...ready.items] : undefined
}

/** Links and executes what can be; answers whether anything changed. */
export function advanceBlocks(core: CoreState): boolean {
  let changed = false
  for (const block of core.blocks.values()) {
    if (block.validity === 'unlinked' && link(core, block)) changed = true
    if (block.validity === 'linked' && execute(core, block)) changed = true
  }
  return changed
}

function link(core: CoreState, block: Block): boolean {
  const parent = parentOf(core, block)
  if (!parent) return false
  if (!fitsParent(block, parent)) {
    reject(core, block)
    return true
  }
  block.history = historyAfter(block, parent)
  block.validity = 'linked'
  return true
}

function execute(core: CoreState, block: Block): boolean {
  // Observers execute what is final, when it is.
  if (core.me === undefined) return false
  const { parentHash, height, time, stateRoot } = block.proposal.parsed
  const parent = parentOf(core, block)
  if (!parent || !isExecuted(core, parentHash)) return false
  const { payload } = block.proposal
  if (payload.length === 0) {
    if (parent.nextSet === undefined) return false
    if (endsRightly(block, parent)) {
      settleBlock(block, parent.nextSet)
      core.emit({ type: 'named', id: block.id, parent: parentHash, token: undefined })
    } else reject(core, block)
    return true
  }
  const { epoch } = core.set
  const position = { height, time, epoch }
  const token = core.expect('executed', ({ ok, nextSet }) => {
    if (core.set.epoch !== epoch || block.validity !== 'executing') return
    if (ok) settleBlock(block, nextSet)
    else reject(core, block)
  })
  block.validity = 'executing'
  core.emit({
    type: 'execute',
    token,
    id: block.id,
    parent: parentHash,
    position,
    payload,
    stateRoot,
  })
  return true
}

function settleBlock(block: Block, nextSet: Uint8Array | null): void {
  block.validity = 'valid'
  block.nextSet = nextSet
}

function reject(core: CoreState, block: Block): void {
  block.validity = 'invalid'
  const state = core.view(block.view)
  if (state.proposed === block) state.rejected = true
}

/** Reads a block back from the database, where only checked ones are. */
export function restoreBlock(core: CoreState, bytes: Uint8Array): Block | undefined {
  const parsed = parseProposal(bytes)
  if (!parsed.ok || parsed.proposal.parsed.epoch !== core.set.epoch) return undefined
  const block = createBlock(parsed.proposal, bytes)
  block.isKept = true
  if (block.view > core.tip.view) addBlock(core, block)
  return block
}
