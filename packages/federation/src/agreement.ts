/**
 * Agreement as the owner of a peer sees it: check for oneself what was decided, prove a fact of it
 * to others, and take part.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import {
  type Clock,
  type KeyValueStore,
  type Logger,
  type Millis,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import type { Charter, Checker, FederationId, PeerId, Signer } from '@folkmoot/identity'
import type { Action as LedgerAction, RegisteredVoteKey } from '@folkmoot/ledger'
import type { ForkWatch } from './agreement/find-fork.ts'
import type { VotingPart } from './agreement/voting-part.ts'
import type { FederationCode } from './codes.ts'
import type { Exchange } from './exchange/exchange.ts'
import type { SharedLedger } from './ledger/shared-ledger.ts'
import type { Platform } from './platform.ts'

/** What a check of the newest decision saw. */
export interface CheckedDecision {
  readonly height: number
  /** Signatures that the newest certificate carries, of how many voters. */
  readonly signers: number
  readonly voters: number
  /** Sets of voters between the charter and the newest decision, the first included. */
  readonly epochs: number
  /** Other peers that answered when they were asked for the same, of at most three. */
  readonly answered: number
  /** Those of them that proved the same history; nobody else vouches that there is no other. */
  readonly confirmedBy: number
  /** The newest decision is older than two heartbeats of the voters: it may be out of date. */
  readonly stale: boolean
}

export interface ProvenFact {
  readonly height: number
  /** Hashes between the fact and the certified state. */
  readonly steps: number
  /** Whether there is such a fact; the proof may be that there is none. */
  readonly isHeld: boolean
  /** To be checked by anyone, with `verifyFactFile` of `ledger`. */
  readonly bytes: Uint8Array
}

export interface Agreement {
  /**
   * Checks the newest certificate, and every change of voters since the charter, from nothing but
   * the charter; and asks up to three others to prove theirs. Refuses with `consensus/fork`, now and
   * later, where two histories were decided; the proof is kept and published.
   */
  verify(): Promise<Verdict<CheckedDecision>>
  /**
   * Whoever sees here that two histories were decided: proves it with the help of others, names who
   * signed both, keeps it and tells it to everyone.
   */
  forked(): void
  /** Takes what a member told in place of an entry, and answers whether it is to be told on. */
  heard(bytes: Uint8Array, from: PeerId): Promise<Verdict>
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
  /** As its founder signed it. */
  readonly charterBytes: Uint8Array
  readonly checker: Checker
  readonly ledger: SharedLedger
  readonly clock: Clock
  readonly logger: Logger
  readonly store: KeyValueStore
  readonly audit: AuditLog
  readonly exchange: Exchange
  /** Takes proof of a fork: where it holds, this copy stops. */
  readonly accept: (evidence: Uint8Array) => Promise<Verdict>
  /** Where entries are told, and proof of a fork. */
  readonly topic: string
  /** Whom to ask what they can prove, the most wanted first. */
  readonly others: () => readonly PeerId[]
  /** How often idle voters decide an empty entry. */
  readonly heartbeatMs: Millis
  readonly engines: Platform['engines']
  /** This peer's vote key for an epoch, with the proof that it is held. */
  readonly claim: (epoch: number) => Promise<RegisteredVoteKey>
  readonly crossing: VotingPart['crossing']
}

export function createAgreement(init: AgreementInit): Agreement {
  const { ledger } = init
  const me = init.signer.peer
  const no = (code: FederationCode, message: string) => refuse(code, message)
  const voting = () => ledger.state.state().voting

  // Only who asks for a check or a proof loads what makes it.
  const parts = () => import('./agreement/check-decision.ts')
  let watch: ForkWatch | undefined
  const watching = async () => {
    const { watchForks } = await parts()
    watch ??= watchForks({ ...init, me })
    return watch
  }

  return {
    verify: async () => (await parts()).checkWithOthers({ ...init, me }),
    forked: () => {
      // A tab without its relay may not get what looks for it; its copy has stopped all the same.
      watching()
        .then((forks) => forks.forked())
        .catch(() => {})
    },
    heard: async (bytes, from) => (await watching()).heard(bytes, from),
    prove: async (key) => (await parts()).proveFact(init, key),
    accept: async () => {
      if (voting().roles.get(me)?.state !== 'offered') {
        return no('federation/no-offer', 'nobody offered this peer a seat')
      }
      if (ledger.voterSet()?.engine === 'raft' && !init.engines.includes('raft')) {
        return no('federation/engine', 'under raft only relays take seats: a tab follows')
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
