/**
 * Checks the newest decision from nothing but the charter, and proves facts from it. A file of its
 * own: only who asks for it loads it.
 *
 * @module
 */
import { type Millis, refuse, type Timers, type Verdict } from '@folkmoot/base'
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
import type { CheckedDecision, ProvenFact } from '../agreement.ts'
import type { FederationCode } from '../codes.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { compareWithOthers } from './compare-with-others.ts'
import { type FindForkInit, publish } from './find-fork.ts'
import { keptFork } from './publish-fork.ts'

export { answerHistory, answerNewest, answerVoters } from './answer-claims.ts'
export { watchForks } from './find-fork.ts'

export interface CheckDecisionInit {
  readonly fed: FederationId
  readonly charter: Charter
  /** As its founder signed it. */
  readonly charterBytes: Uint8Array
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
  if (!ledger.isAnchored()) {
    const code = 'federation/behind-invitation' satisfies FederationCode
    return refuse(code, 'what is decided here is older than the invitation')
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

export interface CheckWithOthersInit extends CheckDecisionInit, FindForkInit {
  readonly heartbeatMs: Millis
}

/** Others who are asked; two would do, and one of them may be away. */
const maxAsked = 3

/** Checks the newest decision here, and that others who are asked can prove no other history. */
export async function checkWithOthers(
  init: CheckWithOthersInit,
): Promise<Verdict<CheckedDecision>> {
  const facts = charterFacts(init.charter, init.fed)
  if (!facts.ok) return facts
  const kept = await keptFork(init, facts.facts)
  if (kept) return refuse('consensus/fork', forked, kept)
  const final = await checkNewest(init)
  if (!final.ok) return final
  const others = init.others().slice(0, maxAsked)
  const compared = await compareWithOthers({ ...init, facts: facts.facts, others })
  if (!compared.ok) {
    const { evidence } = compared
    if (evidence) {
      // Handing it in takes as long as voters take; whoever asked is told at once.
      void publish(init, evidence)
    }
    return refuse('consensus/fork', forked, evidence)
  }
  const { height, voters, signers, links, time } = final
  // Only voters who may lie say that they are there; a founder has nothing to add until it has.
  const stale = final.proof.kind === 'bft' && init.clock.now() - time > 2 * init.heartbeatMs
  const { answered, confirmedBy } = compared
  return {
    ok: true,
    height,
    signers,
    voters,
    epochs: links.length + 1,
    answered,
    confirmedBy,
    stale,
  }
}

const forked = 'two histories were decided, and both are signed'

export async function proveFact(
  init: CheckDecisionInit,
  key: string,
): Promise<Verdict<ProvenFact>> {
  const evidence = init.ledger.evidence()
  // Others may hold the proof of another value.
  if (evidence) return refuse('consensus/fork', forked, evidence)
  for (let tries = 1; ; tries++) {
    const final = await checkNewest(init)
    if (!final.ok) return final
    const fact = init.ledger.state.proveFact(key)
    const checked = verifyFact(final.stateRoot, fact)
    // A decision may have become final since the newest one was read.
    if (!checked.ok && tries < maxProofTries) {
      await new Promise<void>((resolve) => init.timers.after(proofPauseMs, resolve))
      continue
    }
    if (!checked.ok) return checked
    const finality = { ...final.proof }
    const epochs = final.links.map(({ proof, nextSet }) => ({ proof: { ...proof }, nextSet }))
    const format = 'folkmoot/fact'
    const bytes = encode({ v: 1, format, charter: init.charterBytes, epochs, finality, fact })
    const isHeld = checked.value !== undefined
    return { ok: true, height: final.height, steps: fact.steps.length, isHeld, bytes }
  }
}
