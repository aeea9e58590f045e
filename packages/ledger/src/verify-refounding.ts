/**
 * Whether a federation continues another whose voters were lost: its charter names the last
 * certified block, and members of the old one, as that block's state has them, signed for it.
 *
 * How many must have signed is for whoever asks to judge: the voters who could have decided it are
 * the ones that are gone. The answer therefore says who signed and how many the old voters were.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { equalBytes, parse } from '@folkmoot/codec'
import {
  blockId,
  charterFacts,
  type EpochLink,
  type FinalityProof,
  verifyEpochChain,
  verifyFinality,
} from '@folkmoot/consensus'
import { type Checker, openCharter, openRefounding, type PeerId } from '@folkmoot/identity'
import type { LedgerCode } from './codes.ts'
import { type FactProof, verifyFact } from './fact-proof.ts'
import { factKey, memberFactSchema } from './facts.ts'

export interface RefoundingClaim {
  /** The new charter. */
  readonly charter: Uint8Array
  /** The old one. */
  readonly oldCharter: Uint8Array
  /** The ends of the old federation's epochs, from the first on. */
  readonly links: readonly EpochLink[]
  /** Finality of the block that the new charter names. */
  readonly last: FinalityProof
  /** Each by one old member, with the proof of its membership in that block's state. */
  readonly signed: readonly { readonly record: Uint8Array; readonly member: FactProof }[]
}

export interface VerifiedRefounding {
  readonly oldFed: string
  /** Height of the last certified block. */
  readonly height: number
  /** Members of the old federation who go along, ascending; the new founder is one. */
  readonly members: readonly PeerId[]
  /** Those of them who voted at the end, of how many. */
  readonly voters: readonly PeerId[]
  readonly oldVoters: number
}

/** Most signatures that are checked. */
const MAX_SIGNED = 1_000

export async function verifyRefounding(
  checker: Checker,
  claim: RefoundingClaim,
): Promise<Verdict<VerifiedRefounding>> {
  const opened = await openCharter(checker, claim.charter)
  if (!opened.ok) return opened
  const { charter, fed } = opened
  const { refounds } = charter
  if (!refounds) return refused('the charter continues no other federation')
  const end = await verifyEnd(checker, claim, refounds)
  if (!end.ok) return end
  if (claim.signed.length > MAX_SIGNED) return refused('more signatures than are checked')
  const members = new Set<PeerId>()
  for (const { record, member } of claim.signed) {
    const word = await openRefounding(checker, record, { fed, refounds })
    if (!word.ok) return word
    if (!wasMember(end.stateRoot, member, word.member)) {
      return refused('a signer was no active member of the old federation')
    }
    members.add(word.member)
  }
  if (!members.has(charter.founder)) return refused('the new founder did not sign as an old member')
  const voters = end.voters.filter((peer) => members.has(peer))
  const { height } = refounds
  const oldFed = refounds.fed
  const oldVoters = end.voters.length
  return { ok: true, oldFed, height, members: [...members].sort(), voters, oldVoters }
}

async function verifyEnd(
  checker: Checker,
  { oldCharter, links, last }: RefoundingClaim,
  refounds: { readonly fed: string; readonly height: number; readonly block: Uint8Array },
): Promise<Verdict<{ stateRoot: Uint8Array; voters: readonly PeerId[] }>> {
  const old = await openCharter(checker, oldCharter, refounds.fed)
  if (!old.ok) return old
  const known = charterFacts(old.charter, refounds.fed)
  if (!known.ok) return known
  const chain = await verifyEpochChain(checker, known.facts, links)
  if (!chain.ok) return chain
  const final = await verifyFinality(checker, chain.sets.anchor, last)
  if (!final.ok) return final
  if (final.height !== refounds.height || !equalBytes(blockId(last.header), refounds.block)) {
    return refused('the last certificate is of another block than the charter names')
  }
  const set = chain.sets.setOf(final.epoch)
  const voters = set ? set.voters.map(({ peer }) => peer) : [old.charter.founder]
  return { ok: true, stateRoot: final.stateRoot, voters }
}

function wasMember(stateRoot: Uint8Array, proof: FactProof, peer: PeerId): boolean {
  const proven = verifyFact(stateRoot, proof)
  if (!proven.ok || proven.key !== factKey.member(peer) || !proven.value) return false
  const fact = parse(memberFactSchema, proven.value)
  return fact.ok && fact.value.status === 'active'
}

function refused(why: string) {
  return refuse('ledger/refounding' satisfies LedgerCode, why)
}
