/**
 * The vote key that a founder puts into the charter of a federation whose first voter it is.
 *
 * @module
 */
import { voteKeyName } from '@folkmoot/consensus'
import type { Platform } from '../platform.ts'

/** Makes the key for epoch 1, or finds it; its public half. */
export async function firstVoteKey(platform: Pick<Platform, 'consensus'>): Promise<Uint8Array> {
  const database = await platform.consensus()
  return (await database.createKey(voteKeyName(1))).publicKey
}
