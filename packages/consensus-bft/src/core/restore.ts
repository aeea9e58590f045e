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
import { forkFault } from './finality.ts'
import { restoreBlock } from './proposals.ts'
import {
  BLOCKS_PREFIX,
  EPOCH_KEY,
  FINAL_KEY,
  FORK_KEY,
  NOTARISED_PREFIX,
  notarisedKey,
  VOTES_PREFIX,
  voteKey,
} from './records.ts'
import type { CoreState } from './state.ts'
import { countOwnVote } from './vote.ts'

/** What the database holds of epochs that the log has not come to. */
export interface LaterWords {
  readonly votes: readonly Vote[]
  /** What votes F among them rest on. */
  readonly notarised: readonly Certificate[]
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
  const notarised = [...records]
    .filter(([key]) => key.startsWith(NOTARISED_PREFIX))
    .map(([key, value]) => readCertificate(key, value))
  const finalBytes = records.get(FINAL_KEY)
  const final = finalBytes && readCertificate(FINAL_KEY, finalBytes)
  if (final) core.keptFinal = final
  applyWords(core, { votes, notarised, final })
  restoreEpoch(core, records.get(EPOCH_KEY))
  if (records.has(FORK_KEY)) core.halt(forkFault())
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
export function applyWords(core: CoreState, { votes, notarised, final }: LaterWords): void {
  const { epoch } = core.set
  // Votes at or below it were tidied up: it alone says that they must not be said again.
  if (final?.epoch === epoch && final.view > core.tip.view) holdCertificate(core, final)
  const isOver = (word: Vote | Certificate) =>
    word.epoch < epoch || (word.epoch === epoch && word.view <= core.tip.view)
  const isLater = (word: Vote | Certificate) => word.epoch > epoch
  for (const certificate of notarised) {
    const { view } = certificate
    if (isOver(certificate)) core.tidy({ type: 'delete', key: notarisedKey(view) })
    else holdCertificate(core, certificate)
  }
  for (const vote of votes) {
    if (isLater(vote)) continue
    if (isOver(vote)) core.tidy({ type: 'delete', key: voteKey(vote) })
    else {
      core.view(vote.view).own[vote.kind] = { hash: vote.hash, vote: undefined }
      countOwnVote(core, vote)
    }
  }
  core.later = {
    votes: votes.filter(isLater),
    notarised: notarised.filter(isLater),
    final: final && isLater(final) ? final : undefined,
  }
}

function readCertificate(key: string, bytes: Uint8Array): Certificate {
  const parsed = parseCertificate(bytes)
  if (!parsed.ok) throw corrupt(key)
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
