/**
 * Agreement as the owner of a peer sees it: check for oneself what was decided, prove a fact of it
 * to others, and take part.
 *
 * @module
 */
import { refuse, type Timers, type Verdict } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import {
  charterFacts,
  type FinalityProof,
  parseCertificate,
  parseReceipt,
  verifyEpochChain,
  verifyFinality,
} from '@folkmoot/consensus'
import type { Charter, Checker, FederationId, Signer } from '@folkmoot/identity'
import { type Action as LedgerAction, type RegisteredVoteKey, verifyFact } from '@folkmoot/ledger'
import type { FederationCode } from './codes.ts'
import type { SharedLedger } from './ledger/shared-ledger.ts'

/** What a check of the newest decision saw. */
export interface CheckedDecision {
  readonly height: number
  /** Signatures that the newest certificate carries, of how many voters. */
  readonly signers: number
  readonly voters: number
  /** Sets of voters between the charter and the newest decision, the first included. */
  readonly epochs: number
}

export interface ProvenFact {
  readonly height: number
  /** Hashes between the fact and the certified state. */
  readonly steps: number
  /** DAG-CBOR `{ finality, fact }`, to be checked by anyone who has the charter. */
  readonly bytes: Uint8Array
}

export interface Agreement {
  /** Checks the newest certificate, and every change of voters since the charter, from nothing but the charter. */
  verify(): Promise<Verdict<CheckedDecision>>
  /** Proves the fact under `key` (`factKey` of `ledger`) from the newest certificate, and checks the proof. */
  prove(key: string): Promise<Verdict<ProvenFact>>
  /** Accepts the seat that the operator offered. */
  accept(): Promise<Verdict>
  /** Declines an offer, or gives the seat back. */
  resign(): Promise<Verdict>
  /** Casts this member's ballot. */
  ballot(proposal: string, yes: boolean): Promise<Verdict>
  /** Proposes an action; where this peer's word is enough it takes effect at once. */
  propose(action: LedgerAction): Promise<Verdict>
}

export interface AgreementInit {
  readonly signer: Signer
  readonly timers: Timers
  readonly fed: FederationId
  readonly charter: Charter
  readonly checker: Checker
  readonly ledger: SharedLedger
  /** This peer's vote key for an epoch, with the proof that it is held. */
  readonly claim: (epoch: number) => Promise<RegisteredVoteKey>
}

/** A proof that falls between two decisions is made again. */
const maxProofTries = 20
const proofPauseMs = 100

export function createAgreement(init: AgreementInit): Agreement {
  const { fed, charter, checker, ledger, signer, timers } = init
  const me = signer.peer
  const no = (code: FederationCode, message: string) => refuse(code, message)
  const voting = () => ledger.state.state().voting

  /** Follows the voters from the charter on, and checks the newest decision by those of its epoch. */
  const newest = async () => {
    const entry = await ledger.entryAt(ledger.status().height)
    if (entry === undefined) return no('federation/nothing-decided', 'nothing is decided yet')
    const facts = charterFacts(charter, fed)
    if (!facts.ok) return facts
    const links = ledger.epochLinks()
    const chain = await verifyEpochChain(checker, facts.facts, links)
    if (!chain.ok) return chain
    const final = await verifyFinality(checker, chain.sets.anchor, entry.proof)
    if (!final.ok) return final
    const set = chain.sets.setOf(final.epoch)
    return { ...final, proof: entry.proof, links, voters: set?.voters.length ?? 1 }
  }

  return {
    verify: async () => {
      const final = await newest()
      if (!final.ok) return final
      const { height, voters, links } = final
      const epochs = links.length + 1
      return { ok: true, height, signers: signersOf(final.proof), voters, epochs }
    },
    prove: async (key) => {
      for (let tries = 1; ; tries++) {
        const final = await newest()
        if (!final.ok) return final
        const fact = ledger.state.proveFact(key)
        const checked = verifyFact(final.stateRoot, fact)
        // The state here may be a decision ahead of what is certified, for a moment.
        if (!checked.ok && tries < maxProofTries) {
          await new Promise<void>((resolve) => timers.after(proofPauseMs, resolve))
          continue
        }
        if (!checked.ok) return checked
        const epochs = final.links.map(({ proof, nextSet }) => ({ proof: { ...proof }, nextSet }))
        const bytes = encode({ finality: { ...final.proof }, epochs, fact })
        return { ok: true, height: final.height, steps: fact.steps.length, bytes }
      }
    },
    accept: async () => {
      if (voting().roles.get(me)?.state !== 'offered') {
        return no('federation/no-offer', 'nobody offered this peer a seat')
      }
      const body = await init.claim(ledger.status().epoch + 1)
      return ledger.submit({ kind: 'voter.accept', body })
    },
    resign: async () =>
      voting().roles.has(me)
        ? ledger.submit({ kind: 'voter.resign', body: {} })
        : no('federation/no-seat', 'this peer has no seat'),
    ballot: async (proposal, yes) =>
      voting().proposals.some(({ id, state }) => id === proposal && state === 'open')
        ? ledger.submit({ kind: 'ballot', body: { proposal, yes } })
        : no('federation/no-proposal', 'no such proposal is open'),
    propose: (action) =>
      ledger.submit({
        kind: 'propose',
        body: { action, expiresHeight: ledger.status().height + openHeights },
      }),
  }
}

/** Heights for which a proposal is open: months in a federation that decides a few things a day. */
const openHeights = 10_000

function signersOf(proof: FinalityProof): number {
  if (proof.kind === 'solo') return 1
  if (proof.kind === 'raft') {
    const parsed = parseReceipt(proof.receipt)
    return parsed.ok ? parsed.receipt.signatures.length : 0
  }
  const parsed = parseCertificate(proof.certificate)
  return parsed.ok ? parsed.certificate.signatures.length : 0
}
