/**
 * What a voter said before a restart, from its database: it never contradicts it, and its block is
 * the same block.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import { fromUtf8, utf8 } from '@folkmoot/codec'
import { parseVote } from '@folkmoot/consensus'
import type { ConsensusBftCode } from '../codes.ts'
import { restoreBlock } from './proposals.ts'
import { BLOCKS_PREFIX, EPOCH_KEY, VOTES_PREFIX, voteKeyName } from './records.ts'
import type { CoreState } from './state.ts'
import { countOwnVote } from './vote.ts'

/**
 * Reads the records back into a fresh core.
 *
 * @throws FederationError `consensus-bft/corrupt-votes`
 */
export function restore(core: CoreState, records: ReadonlyMap<string, Uint8Array>): void {
  const { epoch } = core.set
  for (const [key, value] of records) {
    if (key.startsWith(BLOCKS_PREFIX)) {
      const block = restoreBlock(core, value)
      if (!block || block.view <= core.tip.view) core.untidy.push({ type: 'delete', key })
    }
  }
  for (const [key, value] of records) {
    if (!key.startsWith(VOTES_PREFIX)) continue
    const parsed = parseVote(value)
    // Going on without a vote that was sent is what this file is there to prevent.
    if (!parsed.ok) throw corrupt(key)
    const { vote } = parsed
    if (vote.epoch !== epoch || vote.view <= core.tip.view) {
      core.untidy.push({ type: 'delete', key })
      continue
    }
    core.view(vote.view).own[vote.kind] = { hash: vote.hash, vote: undefined }
    countOwnVote(core, vote)
  }
  const stored = records.get(EPOCH_KEY)
  const storedEpoch = stored ? Number(readText(stored)) : undefined
  if (storedEpoch === epoch) return
  core.untidy.push({ type: 'put', key: EPOCH_KEY, value: utf8(String(epoch)) })
  // The log knew of the end of the epoch; the crash came before the key could go.
  if (storedEpoch !== undefined && storedEpoch < epoch) {
    core.untidy.push({ type: 'delete-key', name: voteKeyName(storedEpoch) })
  }
}

function readText(bytes: Uint8Array): string {
  return fromUtf8(bytes)
}

function corrupt(key: string): FederationError {
  const code = 'consensus-bft/corrupt-votes' satisfies ConsensusBftCode
  return new FederationError(code, 'a stored vote cannot be read', { details: { key } })
}
