/**
 * Proof that whoever registers a vote key holds it: the key signs for whom it votes, where and when.
 *
 * @module
 */
import { encode, fromHex } from '@folkmoot/codec'
import {
  type Checker,
  type FederationId,
  type PeerId,
  peerIdOf,
  type Signer,
} from '@folkmoot/identity'

export interface VoteKeyClaim {
  readonly fed: FederationId
  /** The epoch in which the key is to vote. */
  readonly epoch: number
  readonly peer: PeerId
}

/** The parts of `voter.key` and `voter.accept` that are about the key. */
export interface RegisteredVoteKey {
  readonly epoch: number
  /** 32 bytes. */
  readonly key: Uint8Array
  /** By the vote key, for the purpose `vote-key`. */
  readonly proof: Uint8Array
}

function claimBytes({ fed, epoch, peer }: VoteKeyClaim): Uint8Array {
  return encode([fromHex(fed), epoch, peer])
}

/** What a peer hands in about its vote key. */
export async function sealVoteKey(
  voteSigner: Signer,
  claim: VoteKeyClaim,
): Promise<RegisteredVoteKey> {
  const proof = await voteSigner.sign('vote-key', claimBytes(claim))
  return { epoch: claim.epoch, key: voteSigner.publicKey, proof }
}

export async function checkVoteKey(
  checker: Checker,
  { key, proof, epoch }: RegisteredVoteKey,
  claim: Omit<VoteKeyClaim, 'epoch'>,
): Promise<boolean> {
  return checker.verify('vote-key', peerIdOf(key), proof, claimBytes({ ...claim, epoch }))
}
