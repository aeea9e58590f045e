/**
 * Agreement as the owner of a peer sees it: check for oneself what was decided, prove a fact of it
 * to others, and take part.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import { verifyFinality } from '@folkmoot/consensus'
import type { Charter, Checker, FederationId } from '@folkmoot/identity'
import { verifyFact } from '@folkmoot/ledger'
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
}

export interface AgreementInit {
  readonly fed: FederationId
  readonly charter: Charter
  readonly checker: Checker
  readonly ledger: SharedLedger
}

export function createAgreement({ fed, charter, checker, ledger }: AgreementInit): Agreement {
  const no = (code: FederationCode, message: string) => refuse(code, message)

  const newest = async () => {
    const entry = await ledger.entryAt(ledger.status().height)
    if (entry === undefined) return no('federation/nothing-decided', 'nothing is decided yet')
    const final = await verifyFinality(
      checker,
      { instance: fed, founder: charter.founder },
      entry.proof,
    )
    return final.ok ? { ...final, proof: entry.proof } : final
  }

  return {
    verify: async () => {
      const final = await newest()
      return final.ok ? { ok: true, height: final.height, signers: 1, voters: 1, epochs: 1 } : final
    },
    prove: async (key) => {
      const final = await newest()
      if (!final.ok) return final
      const fact = ledger.state.proveFact(key)
      const checked = verifyFact(final.stateRoot, fact)
      if (!checked.ok) return checked
      const bytes = encode({ finality: { ...final.proof }, fact })
      return { ok: true, height: final.height, steps: fact.steps.length, bytes }
    },
    accept: async () => no('federation/no-offer', 'nobody offered this peer a seat'),
    resign: async () => no('federation/no-seat', 'this peer has no seat'),
    ballot: async () => no('federation/no-proposal', 'no such proposal is open'),
  }
}
