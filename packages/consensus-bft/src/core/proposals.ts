/**
 * Blocks come in here, from their leader or from whoever had them, and are checked: signatures,
 * what they rest on, their place in the chain, their execution.
 *
 * @module
 */
import { equalBytes, toHex } from '@folkmoot/codec'
import {
  type Certificate,
  encodeEvidence,
  leaderOf,
  MAX_VOTERS,
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
  historyAfter,
  isExecuted,
  nextEpochSet,
  parentOf,
} from './block.ts'
import { countVote, holdCertificate, isNear, isWelcome } from './count.ts'
import { isWanted } from './fetch.ts'
import type { CoreState } from './state.ts'

/** Blocks kept of one view before one of them is certified: two prove the lie. */
const MAX_BLOCKS_PER_VIEW = 2
/** Signatures up to which whoever passes a block on answers for one false certificate only. */
const MAX_RELAYED = 2 * MAX_VOTERS

/** A proposal arrived; `vote` is the leader's own N, where it came along. */
export function receiveProposal(core: CoreState, bytes: Uint8Array, vote: Vote | null): void {
  const parsed = parseProposal(bytes)
  if (!parsed.ok) return
  const { proposal } = parsed
  const { view } = proposal.parsed.bft
  if (proposal.parsed.epoch !== core.set.epoch || proposal.parsed.instance !== core.config.instance)
    return
  const hex = toHex(proposal.id)
  if (view <= core.tip.view || core.blocks.has(hex) || core.checking.has(hex)) return
  const wanted = isWanted(core, proposal.id)
  if (!wanted && (view <= core.finalView || !hasRoom(core, view))) return
  const sound = isSound(core, proposal)
  // Far ahead only what brings the way there: a lie there would be remembered for as long.
  if (!sound && !isNear(core, view)) return
  checkSignature(core, { proposal, bytes, vote, hex, sound, wanted })
}

/** A proposal on its way through the checks. */
interface Arrival {
  readonly proposal: ParsedProposal
  readonly bytes: Uint8Array
  readonly vote: Vote | null
  readonly hex: string
  readonly sound: boolean
  readonly wanted: boolean
}

/** Whether it brings what it rests on. Below the tip nothing is built any more: that view is final. */
function isSound(core: CoreState, proposal: ParsedProposal): boolean {
  const { instance } = core.config
  if (proposal.parsed.bft.parentView < core.tip.view) return false
  return core.rules.justified(instance, core.set, proposal).ok
}

function hasRoom(core: CoreState, view: number): boolean {
  let inView = 0
  for (const block of core.blocks.values()) if (block.view === view) inView += 1
  for (const weighed of core.checking.values()) if (weighed === view) inView += 1
  return inView < MAX_BLOCKS_PER_VIEW
}

/** The leader's signature comes first and alone: without it nobody has a voter check the rest. */
function checkSignature(core: CoreState, arrival: Arrival): void {
  const { proposal, vote, hex, sound } = arrival
  const { view } = proposal.parsed.bft
  const welcome = vote && isWelcome(core, vote) && equalBytes(vote.hash, proposal.id)
  const voteToCheck = welcome ? voteItem(core.config.instance, core.set, vote) : undefined
  const items = [proposalItem(core.set, proposal), ...(voteToCheck ? [voteToCheck] : [])]
  const { epoch } = core.set
  core.checking.set(hex, 0)
  const token = core.expect('verified', ({ ok: [signed, voted] }) => {
    if (core.set.epoch !== epoch) return
    core.checking.delete(hex)
    if (!signed) return
    if (voted && vote && isWelcome(core, vote)) countVote(core, vote)
    if (view <= core.tip.view) return
    if (sound) checkReasons(core, arrival)
    else rejectView(core, view)
  })
  core.emit({ type: 'verify', items, token })
}

function checkReasons(core: CoreState, { proposal, bytes, hex, wanted }: Arrival): void {
  const { view } = proposal.parsed.bft
  if (!wanted && !hasRoom(core, view)) return
  const fresh = unknownCertificates(core, proposal)
  const items = itemsOf(core, proposal, fresh)
  const take = () => {
    for (const certificate of fresh) holdCertificate(core, certificate)
    addBlock(core, createBlock(proposal, bytes))
  }
  if (items?.length === 0) {
    take()
    return
  }
  const { epoch } = core.set
  const leader = core.set.voters[leaderOf(core.set, view)]!.peer
  const { sender } = core.forgeries
  if (!items) {
    rejectView(core, view)
    return
  }
  // Who holds a certificate does not look at the copy that a leader sends, and may pass on a false one.
  const isRelayed = wanted && sender !== leader && items.length <= MAX_RELAYED
  core.checking.set(hex, view)
  const token = core.expect('verified', ({ ok }) => {
    if (core.set.epoch !== epoch) return
    core.checking.delete(hex)
    if (view <= core.tip.view) return
    if (ok.every(Boolean)) take()
    else if (!isRelayed) rejectView(core, view)
  })
  core.emit({ type: 'verify', items, token })
  if (isRelayed) core.forgeries.forgiveAllButOne(token)
}

/** The leader lies: there is nothing to wait for in this view. */
function rejectView(core: CoreState, view: number): void {
  if (core.views.has(view) || isNear(core, view)) core.view(view).rejected = true
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
  if (!ready?.ok) return undefined
  return core.rules.checksReady ? [...items, ...ready.items] : items
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
  if (!core.rules.continues(block, parent)) {
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
    if (core.rules.ends(block, parent)) {
      settleBlock(block, parent.nextSet)
      core.emit({ type: 'named', id: block.id, parent: parentHash, height, token: undefined })
    } else reject(core, block)
    return true
  }
  const { epoch } = core.set
  const position = { height, time, epoch }
  const token = core.expect('executed', ({ ok, nextSet }) => {
    if (core.set.epoch !== epoch || block.validity !== 'executing') return
    if (core.rules.executed(ok)) settleBlock(block, nextSet)
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
