/**
 * A proposed block, and whether it fits on its parent.
 *
 * @module
 */
import { equalBytes, toHex } from '@folkmoot/codec'
import {
  END_EPOCH,
  historyLeaf,
  isVoid,
  type ParsedProposal,
  parseVoterSet,
} from '@folkmoot/consensus'
import type { LogTip } from './config.ts'
import { type Frontier, grow, rootOf } from './frontier.ts'
import type { CoreState } from './state.ts'

export type Validity = 'unlinked' | 'linked' | 'executing' | 'valid' | 'invalid'

export interface Block {
  readonly id: Uint8Array
  readonly hex: string
  readonly proposal: ParsedProposal
  readonly bytes: Uint8Array
  readonly view: number
  readonly height: number
  /** Whether it ends the epoch or follows a block that does. */
  readonly ends: boolean
  validity: Validity
  /** Over all entries up to this one, once it is linked. */
  history: Frontier
  /** The next voters in the state after it, once it is valid. */
  nextSet: Uint8Array | null | undefined
  /** Whether our vote for it was decided. */
  isVotedFor: boolean
  /** Whether it is in the database. */
  isKept: boolean
}

/** What a block needs to know of the one before it. */
export interface Parent {
  readonly id: Uint8Array
  readonly view: number
  readonly height: number
  readonly time: number
  readonly stateRoot: Uint8Array
  readonly history: Frontier
  readonly ends: boolean
  /** Undefined while the state is not known. */
  readonly nextSet: Uint8Array | null | undefined
}

export function createBlock(proposal: ParsedProposal, bytes: Uint8Array): Block {
  const { id, parsed } = proposal
  return {
    id,
    hex: toHex(id),
    proposal,
    bytes,
    view: parsed.bft.view,
    height: parsed.height,
    ends: parsed.bft.flags === END_EPOCH || isVoid(parsed),
    validity: 'unlinked',
    history: [],
    nextSet: undefined,
    isVotedFor: false,
    isKept: false,
  }
}

export function asParent(block: Block): Parent {
  const { id, view, height, history, ends, nextSet, proposal } = block
  const { time, stateRoot } = proposal.parsed
  return { id, view, height, time, stateRoot, history, ends, nextSet }
}

export function tipAsParent(tip: LogTip): Parent {
  return { ...tip, ends: false }
}

/** The block's parent if it is the tip or linked to it. */
export function parentOf(core: CoreState, block: Block): Parent | undefined {
  const { parentHash } = block.proposal.parsed
  if (equalBytes(parentHash, core.tip.id)) return tipAsParent(core.tip)
  const parent = core.block(parentHash)
  return parent && parent.validity !== 'unlinked' && parent.validity !== 'invalid'
    ? asParent(parent)
    : undefined
}

/** Whether the parent's state is known, so that the block can be executed on it. */
export function isExecuted(core: CoreState, id: Uint8Array): boolean {
  return equalBytes(id, core.tip.id) || core.block(id)?.validity === 'valid'
}

/** Whether the header continues its parent: view, height, time, history; state where nothing is decided. */
export function fitsParent({ proposal, ends }: Block, parent: Parent): boolean {
  const { parsed, payload } = proposal
  const voided = isVoid(parsed)
  const height = parent.ends ? parent.height : parent.height + 1
  return (
    parsed.bft.parentView === parent.view &&
    voided === parent.ends &&
    (ends || !parent.ends) &&
    parsed.height === height &&
    parsed.time >= parent.time &&
    equalBytes(parsed.historyRoot, rootOf(parent.history)) &&
    (payload.length > 0 || equalBytes(parsed.stateRoot, parent.stateRoot))
  )
}

/** Frontier after the block: a void one belongs to no history. */
export function historyAfter({ proposal }: Block, parent: Parent): Frontier {
  return isVoid(proposal.parsed)
    ? parent.history
    : grow(parent.history, historyLeaf(proposal.header))
}

/** Whether an end block names the voters that the state has decided on. */
export function endsRightly({ proposal }: Block, parent: Parent): boolean {
  if (proposal.parsed.bft.flags !== END_EPOCH) return true
  const { nextSet, justify } = proposal
  if (!nextSet || !parent.nextSet || !justify.ready) return false
  return (
    equalBytes(nextSet, parent.nextSet) &&
    equalBytes(justify.ready.stateRoot, proposal.parsed.stateRoot)
  )
}

/** The decided voters, if they are those of the epoch after `epoch`. */
export function nextEpochSet(epoch: number, nextSet: Uint8Array | null | undefined) {
  const parsed = nextSet ? parseVoterSet(nextSet) : undefined
  return parsed?.ok && parsed.set.epoch === epoch + 1 ? parsed.set : undefined
}
