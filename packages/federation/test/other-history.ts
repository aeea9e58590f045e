/**
 * Another history than the one that was decided, by a voter that signs whatever a test likes.
 *
 * @module
 */
import { sha256 } from '@folkmoot/codec'
import {
  bitmapOf,
  blockId,
  type Certificate,
  END_EPOCH,
  encodeCertificate,
  encodeHeader,
  encodeReceipt,
  encodeVoterSet,
  type FinalityProof,
  type Header,
  makeReceipt,
  makeVoterSet,
  parseHeader,
  payloadRoot,
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
  const { header } = await proofOf(founder, height)
  const later = { ...header, time: header.time + 1 }
  const { bft } = later
  if (!bft) return decide(platform, founder, later)
  const view = bft.view - earlier
  const parentView = Math.min(bft.parentView, view - 1)
  return decide(platform, founder, { ...later, bft: { ...bft, view, parentView } })
}

/**
 * The first epoch ended there by the federation's one voter, for voters of its own choice, and what
 * these decided next.
 */
export async function otherEnd(platform: Platform, founder: Peer, height: number) {
  const { header } = await proofOf(founder, height)
  const key = (await platform.consensus()).createKey(voteKeyName(7))
  const voters = [{ peer: founder.me, org: founder.me, voteKey: (await key).publicKey }]
  const made = makeVoterSet({ epoch: 2, voters, crossOrg: false })
  if (!made.ok) throw new Error(made.fault.message)
  const nextSet = encodeVoterSet(made.set)
  const bft = { ...header.bft!, flags: END_EPOCH }
  const end = await decide(platform, founder, { ...header, nextSetHash: sha256(nextSet), bft })
  const next: Header = {
    ...header,
    epoch: 2,
    height: height + 1,
    parentHash: blockId(end.header),
    payloadHash: payloadRoot([]),
    bft: { ...bft, view: 1, parentView: 0, flags: 0 },
  }
  return { links: [{ proof: end, nextSet }], proof: await decide(platform, founder, next, 7) }
}

async function proofOf(founder: Peer, height: number) {
  const parsed = parseHeader((await proofAt(founder, height)).header)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return parsed
}

/** What the one voter signs as decided, with the key of that name. */
async function decide(
  platform: Platform,
  founder: Peer,
  header: Header,
  key = 1,
): Promise<FinalityProof> {
  const signer = createSigner((await (await platform.consensus()).key(voteKeyName(key)))!)
  const encoded = encodeHeader(header)
  if (!header.bft) {
    const signed = new Map([[0, await signer.sign('entry', encoded)]])
    const receipt = encodeReceipt(makeReceipt(founder.ledger.voterSet()!, signed)!)
    return { kind: 'raft', header: encoded, receipt, under: null }
  }
  const { epoch } = header
  const { view } = header.bft
  const hash = blockId(encoded)
  const bytes = voteBytes(founder.fed, epoch, 'finalise', view, hash)
  const certificate: Certificate = {
    kind: 'finalise',
    epoch,
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
