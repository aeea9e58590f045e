/**
 * Another history than the one that was decided, by a voter that signs whatever a test likes.
 *
 * @module
 */
import {
  bitmapOf,
  blockId,
  type Certificate,
  encodeCertificate,
  encodeHeader,
  encodeReceipt,
  type FinalityProof,
  type Header,
  makeReceipt,
  parseHeader,
  voteBytes,
} from '@folkmoot/consensus'
import { voteKeyName } from '@folkmoot/consensus-bft'
import { createSigner } from '@folkmoot/identity'
import type { Peer } from '../src/peer.ts'
import type { Platform } from '../src/platform.ts'

export const proofAt = async (peer: Peer, height: number) =>
  (await peer.ledger.entryAt(height))!.proof

/**
 * Another block for this height, decided so many views earlier, by the federation's one voter, who
 * signs whatever it likes.
 */
export async function otherAt(
  platform: Platform,
  founder: Peer,
  height: number,
  earlier = 0,
): Promise<FinalityProof> {
  const parsed = parseHeader((await proofAt(founder, height)).header)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  const later = { ...parsed.header, time: parsed.header.time + 1 }
  const { bft } = later
  if (!bft) return decide(platform, founder, later)
  const view = bft.view - earlier
  const parentView = Math.min(bft.parentView, view - 1)
  return decide(platform, founder, { ...later, bft: { ...bft, view, parentView } })
}

/** What the one voter of the first epoch signs as decided. */
async function decide(platform: Platform, founder: Peer, header: Header): Promise<FinalityProof> {
  const signer = createSigner((await (await platform.consensus()).key(voteKeyName(1)))!)
  const encoded = encodeHeader(header)
  if (!header.bft) {
    const signed = new Map([[0, await signer.sign('entry', encoded)]])
    const receipt = encodeReceipt(makeReceipt(founder.ledger.voterSet()!, signed)!)
    return { kind: 'raft', header: encoded, receipt, under: null }
  }
  const { view } = header.bft
  const hash = blockId(encoded)
  const bytes = voteBytes(founder.fed, 1, 'finalise', view, hash)
  const certificate: Certificate = {
    kind: 'finalise',
    epoch: 1,
    view,
    hash,
    bitmap: bitmapOf([0], 1),
    signatures: [await signer.sign('vote', bytes)],
  }
  return {
    kind: 'bft',
    header: encoded,
    certificate: encodeCertificate(certificate),
    under: null,
  }
}
