/**
 * Signs this member's part of receipts: with the vote key that the epoch's set names for its seat, or
 * with its own key where the charter named none. Whose key is gone signs nothing.
 *
 * @module
 */
import type { ConsensusDatabase } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import { type VoterSet, voteKeyName } from '@folkmoot/consensus'
import { createSigner, type Signer } from '@folkmoot/identity'

export interface ReceiptSigner {
  /** Null where this member has no seat, or not the key of it. */
  sign(set: VoterSet, header: Uint8Array): Promise<Uint8Array | null>
  /** Keys of epochs that are over sign nothing more. */
  forget(epoch: number): Promise<void>
}

export function createReceiptSigner(database: ConsensusDatabase, own: Signer): ReceiptSigner {
  let known: { readonly set: VoterSet; readonly signer: Promise<Signer | undefined> } | undefined

  async function find(set: VoterSet): Promise<Signer | undefined> {
    const seat = set.voters.find(({ peer }) => peer === own.peer)
    if (seat === undefined) return undefined
    if (equalBytes(seat.voteKey, own.publicKey)) return own
    const key = await database.key(voteKeyName(set.epoch))
    return key && equalBytes(key.publicKey, seat.voteKey) ? createSigner(key) : undefined
  }

  return {
    sign: async (set, header) => {
      if (known?.set !== set) known = { set, signer: find(set) }
      const signer = await known.signer
      return signer ? signer.sign('entry', header) : null
    },
    forget: (epoch) => database.write([{ type: 'delete-key', name: voteKeyName(epoch) }]),
  }
}
