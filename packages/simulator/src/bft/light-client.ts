/**
 * Whether somebody who keeps no log can follow a simulated federation through its epochs, and
 * verify every entry against the voters of its time.
 *
 * @module
 */

import { createMerkleTree } from '@folkmoot/codec'
import {
  blockId,
  createLightClient,
  type EpochLink,
  encodeVoterSet,
  type FinalityProof,
  historyLeaf,
  type LightPeer,
  parseEntry,
  verifyFinality,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { broken } from '../campaigns/campaign.ts'
import type { Chain } from './chain.ts'
import { type Federation, INSTANCE } from './federation.ts'
import { nextSetOf } from './text-state.ts'

function proofsOf(chain: Chain): FinalityProof[] {
  return chain.entries.map((bytes) => {
    const parsed = parseEntry(bytes)
    if (!parsed.ok) throw new Error(parsed.fault.message)
    return parsed.entry.proof
  })
}

function linksOf(chain: Chain, proofs: readonly FinalityProof[]): EpochLink[] {
  return chain.entries.flatMap((bytes, at) => {
    const parsed = parseEntry(bytes)
    if (!parsed.ok || parsed.entry.header.nextSetHash === undefined) return []
    const proof = proofs[at]!
    return [{ proof, nextSet: nextSetOf(chain.stateAfter(blockId(proof.header))!)! }]
  })
}

/** A member as it answers somebody who keeps no log. */
export function lightPeer(peer: PeerId, chain: Chain, { monitor }: Federation): LightPeer {
  const proofs = proofsOf(chain)
  const links = linksOf(chain, proofs)
  return {
    peer,
    newest: async (from) => ({ links: links.slice(from - 1), proof: proofs.at(-1)! }),
    voters: async (epoch) => encodeVoterSet(monitor.setOf(epoch)!),
    proveHistory: async (height, under) => {
      const tree = createMerkleTree(chain.headers.slice(0, under - 1).map(historyLeaf))
      return { header: chain.headers[height - 1]!, under, path: tree.inclusion(height - 1) }
    },
  }
}

/** Adds a violation where a light client cannot follow two honest members. */
export async function expectFollowed(federation: Federation): Promise<void> {
  const { world, monitor, honest, at, genesis, peers } = federation
  const { checker } = world.keyring
  const asked = honest.filter((address) => (at(address)?.chain.height ?? 0) > 0).slice(0, 2)
  const sources = asked.map((address) => {
    return lightPeer(world.processes.get(address)!.id, at(address)!.chain, federation)
  })
  if (sources.length < 2) return
  const facts = { instance: INSTANCE, founder: peers[0]!, crossOrg: false, firstSet: genesis }
  const client = createLightClient({ checker, facts })
  const updated = await client.update(sources)
  if (!updated.ok || updated.confirmedBy < 2) {
    const why = updated.ok ? `${updated.faults[0]?.fault.message}` : updated.fault.message
    monitor.violations.push(broken('set change', `a light client cannot follow: ${why}`))
    return
  }
  for (const proof of proofsOf(at(asked[0]!)!.chain)) {
    const final = await verifyFinality(checker, client.anchor!, proof)
    if (final.ok) continue
    monitor.violations.push(broken('validity', `an entry does not verify: ${final.fault.message}`))
  }
}
