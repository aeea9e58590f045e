/**
 * Checks the newest decision from nothing but the charter, and proves facts from it. A file of its
 * own: only who asks for it loads it.
 *
 * @module
 */
import { refuse, type Timers, type Verdict } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import {
  charterFacts,
  type EpochLink,
  type FinalHeader,
  type FinalityProof,
  proofSigners,
  verifyEpochChain,
  verifyFinality,
} from '@folkmoot/consensus'
import type { Charter, Checker, FederationId } from '@folkmoot/identity'
import { verifyFact } from '@folkmoot/ledger'
import type { ProvenFact } from '../agreement.ts'
import type { FederationCode } from '../codes.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'

export interface CheckDecisionInit {
  readonly fed: FederationId
  readonly charter: Charter
  readonly checker: Checker
  readonly timers: Timers
  readonly ledger: SharedLedger
}

export interface NewestDecision extends FinalHeader {
  readonly proof: FinalityProof
  readonly links: readonly EpochLink[]
  readonly signers: number
  readonly voters: number
}

/** A proof that falls between two decisions is made again. */
const maxProofTries = 20
const proofPauseMs = 100

/** Follows the voters from the charter on, and checks the newest decision by those of its epoch. */
export async function checkNewest(init: CheckDecisionInit): Promise<Verdict<NewestDecision>> {
  const { fed, charter, checker, ledger } = init
  const entry = await ledger.entryAt(ledger.status().height)
  if (entry === undefined) {
    return refuse('federation/nothing-decided' satisfies FederationCode, 'nothing is decided yet')
  }
  const facts = charterFacts(charter, fed)
  if (!facts.ok) return facts
  const links = ledger.epochLinks()
  const chain = await verifyEpochChain(checker, facts.facts, links)
  if (!chain.ok) return chain
  const final = await verifyFinality(checker, chain.sets.anchor, entry.proof)
  if (!final.ok) return final
  const voters = chain.sets.setOf(final.epoch)?.voters.length ?? 1
  return {
    ...final,
    proof: entry.proof,
    links,
    voters,
    signers: proofSigners(chain.sets.anchor, entry.proof).length,
  }
}

export async function proveFact(
  init: CheckDecisionInit,
  key: string,
): Promise<Verdict<ProvenFact>> {
  for (let tries = 1; ; tries++) {
    const final = await checkNewest(init)
    if (!final.ok) return final
    const fact = init.ledger.state.proveFact(key)
    const checked = verifyFact(final.stateRoot, fact)
    // The state here may be a decision ahead of what is certified, for a moment.
    if (!checked.ok && tries < maxProofTries) {
      await new Promise<void>((resolve) => init.timers.after(proofPauseMs, resolve))
      continue
    }
    if (!checked.ok) return checked
    const epochs = final.links.map(({ proof, nextSet }) => ({ proof: { ...proof }, nextSet }))
    const bytes = encode({ finality: { ...final.proof }, epochs, fact })
    return { ok: true, height: final.height, steps: fact.steps.length, bytes }
  }
}
