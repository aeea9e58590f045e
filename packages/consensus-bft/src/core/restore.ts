/**
 * What a voter said before a restart, from its database: it never contradicts it, and its block is
 * the same block.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { fromUtf8, utf8 } from '@folkmoot/codec'
import {
  type Certificate,
  parseCertificate,
  parseProposal,
  parseVote,
  type Vote,
  voteKeyName,
} from '@folkmoot/consensus'
import type { ConsensusBftCode } from '../codes.ts'
import { holdCertificate } from './count.ts'
import { restoreBlock } from './proposals.ts'
import { BLOCKS_PREFIX, EPOCH_KEY, FINAL_KEY, VOTES_PREFIX, voteKey } from './records.ts'
import type { CoreState } from './state.ts'
import { countOwnVote } from './vote.ts'

/** What the database holds of epochs that the log has not come to. */
export interface LaterWords {
  readonly votes: readonly Vote[]
  readonly final: Certificate | undefined
}

/**
 * Reads the records back into a fresh core. The log may lack entries that the database knows to be
 * final: what was said above them is kept until the log is there again.
 *
 * @throws FederationError `consensus-bft/corrupt-votes`
 */
export function restore(core: CoreState, records: ReadonlyMap<string, Uint8Array>): void {
  for (const [key, value] of records) {
    if (key.startsWith(BLOCKS_PREFIX)) restoreStored(core, key, value)
  }
  const votes: Vote[] = []
  for (const [key, value] of records) {
    if (!key.startsWith(VOTES_PREFIX)) continue
    const parsed = parseVote(value)
    // Going on without a vote that was sent is what this file is there to prevent.
    if (!parsed.ok) throw corrupt(key)
    votes.push(parsed.vote)
  }
  const final = readFinal(records.get(FINAL_KEY))
  if (final) core.keptFinal = final
  applyWords(core, { votes, final })
  restoreEpoch(core, records.get(EPOCH_KEY))
}

function restoreStored(core: CoreState, key: string, value: Uint8Array): void {
  const block = restoreBlock(core, value)
  const isOver = block
    ? block.view <= core.tip.view
    : parsedEpoch(value) === undefined || parsedEpoch(value)! < core.set.epoch
  if (isOver) core.tidy({ type: 'delete', key })
}

function parsedEpoch(bytes: Uint8Array): number | undefined {
  const parsed = parseProposal(bytes)
  return parsed.ok ? parsed.proposal.parsed.epoch : undefined
}

/** Takes up what was said in this epoch, drops what is over, keeps what is for a later one. */
export function applyWords(core: CoreState, { votes, final }: LaterWords): void {
  const { epoch } = core.set
  const later: Vote[] = []
  // Votes at or below it were tidied up: it alone says that they must not be said again.
  if (final?.epoch === epoch && final.view > core.tip.view) holdCertificate(core, final)
  for (const vote of votes) {
    if (vote.epoch > epoch) later.push(vote)
    else if (vote.epoch < epoch || vote.view <= core.tip.view) {
      core.tidy({ type: 'delete', key: voteKey(vote) })
    } else {
      core.view(vote.view).own[vote.kind] = { hash: vote.hash, vote: undefined }
      countOwnVote(core, vote)
    }
  }
  core.later = { votes: later, final: final && final.epoch > epoch ? final : undefined }
}

function readFinal(bytes: Uint8Array | undefined): Certificate | undefined {
  if (!bytes) return undefined
  const parsed = parseCertificate(bytes)
  if (!parsed.ok) throw corrupt(FINAL_KEY)
  return parsed.certificate
}

function restoreEpoch(core: CoreState, bytes: Uint8Array | undefined): void {
  const { epoch } = core.set
  const stored = bytes ? Number(fromUtf8(bytes)) : undefined
  if (stored !== undefined && stored >= epoch) return
  core.tidy({ type: 'put', key: EPOCH_KEY, value: utf8(String(epoch)) })
  // The log knew of the end of the epoch; the crash came before the key could go.
  if (stored !== undefined) {
    core.tidy({ type: 'delete-key', name: voteKeyName(stored) })
  }
}

function corrupt(key: string): FederationError {
  const code = 'consensus-bft/corrupt-votes' satisfies ConsensusBftCode
  return new FederationError(code, 'a stored vote cannot be read', { details: { key } })
}
