/**
 * Blocks that certificates speak of and that are not here. They have a retry timer of their own:
 * tied to stalls, a node followed finality for fifty views without the blocks.
 *
 * @module
 */
import { toHex } from '@folkmoot/codec'
import { indicesOf } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { MAX_ITEMS, type Message } from './messages.ts'
import { serve } from './repair.ts'
import type { CoreState } from './state.ts'

/** Bytes of blocks in one answer; the asker comes back for the rest. */
const MAX_BLOCKS_BYTES = 900 * 1024

interface Wanted {
  readonly id: Uint8Array
  /** Who says that it exists. */
  readonly holders: readonly PeerId[]
}

/** Blocks that we know of and lack. */
export function missingBlocks(core: CoreState): Map<string, Wanted> {
  const missing = new Map<string, Wanted>()
  const want = (id: Uint8Array, voters: readonly number[]) => {
    const hex = toHex(id)
    if (core.blocks.has(hex) || missing.has(hex)) return
    const holders = voters
      .filter((voter) => voter !== core.me)
      .map((voter) => core.set.voters[voter]!.peer)
    missing.set(hex, { id, holders: holders.length > 0 ? holders : core.others })
  }
  for (const { view, certificates } of core.views.values()) {
    if (view <= core.tip.view) continue
    for (const certificate of [certificates.finalise, certificates.notarise]) {
      if (certificate) want(certificate.hash, indicesOf(certificate.bitmap))
    }
    if (view === core.currentView) wantVotedFor(core, view, want)
  }
  for (const { proposal } of core.blocks.values()) {
    const { parent } = proposal.justify
    if (parent && parent.view > core.tip.view) want(parent.hash, indicesOf(parent.bitmap))
  }
  return missing
}

/** Votes tell of a block before a quorum does: whoever lost the proposal need not wait for one. */
function wantVotedFor(
  core: CoreState,
  view: number,
  want: (id: Uint8Array, voters: readonly number[]) => void,
): void {
  const voters = new Map<string, { readonly id: Uint8Array; readonly by: number[] }>()
  for (const voter of core.set.voters.keys()) {
    for (const { kind, hash } of core.votes.votesBy(voter, view)) {
      if (kind !== 'notarise' || voter === core.me) continue
      const known = voters.get(toHex(hash)) ?? { id: hash, by: [] }
      known.by.push(voter)
      voters.set(toHex(hash), known)
    }
  }
  for (const { id, by } of voters.values()) want(id, by)
}

export function isWanted(core: CoreState, id: Uint8Array): boolean {
  return missingBlocks(core).has(toHex(id))
}

/** Asks for what is missing: at once for what is newly missing, for the rest when the timer says so. */
export function fetchBlocks(core: CoreState, isRetry: boolean): void {
  const missing = missingBlocks(core)
  for (const hex of [...core.fetching.keys()]) if (!missing.has(hex)) core.fetching.delete(hex)
  for (const [hex, { id, holders }] of missing) {
    const tries = core.fetching.get(hex)
    if (tries !== undefined && !isRetry) continue
    core.fetching.set(hex, (tries ?? 0) + 1)
    const above = core.tip.height
    const asked = holders[((tries ?? 0) + core.set.voters.length - (core.me ?? 0)) % holders.length]
    if (asked) core.send([asked], { type: 'want', epoch: core.set.epoch, id, above })
  }
}

/** Somebody asks for a block and those before it; what is final comes from the log. */
export function onWant(
  core: CoreState,
  from: PeerId,
  { epoch, id, above }: Extract<Message, { type: 'want' }>,
): void {
  if (above < core.tip.height) serve(core, from, above + 1)
  if (epoch !== core.set.epoch || !core.given.allows(from, core.now)) return
  const proposals: Uint8Array[] = []
  let size = 0
  for (let block = core.block(id); block; block = core.block(block.proposal.parsed.parentHash)) {
    size += block.bytes.length
    if (proposals.length > 0 && (size > MAX_BLOCKS_BYTES || proposals.length === MAX_ITEMS)) break
    proposals.push(block.bytes)
  }
  if (proposals.length === 0) return
  const bytes = core.send([from], { type: 'blocks', proposals })
  core.given.take(from, bytes, core.now)
}
