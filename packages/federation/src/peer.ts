/**
 * One peer of a federation, as everything above it sees it: the relay's command, the page, tests.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import type { Millis, Verdict } from '@folkmoot/base'
import type { Charter, FederationId, InvitationRole, PeerId } from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import type { Agreement } from './agreement.ts'
import type { CallOptions, Exchange } from './exchange/exchange.ts'
import type { SharedLedger } from './ledger/shared-ledger.ts'
import type { StudyService } from './studies/study-service.ts'

export interface PresentPeer {
  readonly peer: PeerId
  readonly nickname: string
  readonly role: string
  readonly status: 'here' | 'suspect' | 'gone'
  /** Whether it computes units. */
  readonly worker: boolean
  /** Whether it says where others can dial it, as relays do and tabs cannot. */
  readonly listens: boolean
}

export interface NewInvitation {
  readonly uses: number
  readonly validMs: Millis
  readonly role: InvitationRole
  /** With the role `voter` the organisation that is voted for. */
  readonly cohort: string
  /** Addresses to put into it; multiaddrs that end in a peer id. */
  readonly relays: readonly string[]
}

export interface IssuedInvitation {
  readonly id: string
  readonly invitation: Uint8Array
  /** 32 bytes; whoever holds it can join. */
  readonly seed: Uint8Array
}

export interface Peer {
  readonly me: PeerId
  readonly fed: FederationId
  readonly charter: Charter
  readonly charterBytes: Uint8Array
  readonly transport: Transport
  readonly exchange: Exchange
  readonly ledger: SharedLedger
  readonly audit: AuditLog
  readonly studies: StudyService
  readonly agreement: Agreement
  /** What to add to this machine's clock to get the relay's, in ms; 0 for the founder. */
  clockOffsetMs(): Millis
  /** Whether a relay is connected now, which one, and when it was last heard. */
  relay(): { readonly peer: PeerId; readonly up: boolean; readonly heardAt: Millis }
  /** Everyone heard of lately, oneself included. */
  present(): readonly PresentPeer[]
  /** Says whether this peer computes units. */
  setWorking(working: boolean): void
  call: Exchange['call']
  /** Signs an invitation and records it, where the ledger lets this peer invite: by default the founder alone. */
  invite(invitation: NewInvitation): Promise<IssuedInvitation>
  /** Withdraws an invitation of this peer, or any if it is the founder. */
  revokeInvitation(id: string): Promise<Verdict>
  /** Founder only: stores the blocks and opens the study. */
  openStudy(
    manifest: Uint8Array,
    blocks: readonly Uint8Array[],
  ): Promise<Verdict<{ study: string }>>
  /** Founder only. */
  closeStudy(study: string): Promise<Verdict>
  /** Founder only. */
  revokePeer(peer: PeerId, reason: string): Promise<Verdict>
  /** Tells the federation's operator that a study looks wrong. */
  report(study: string, reason: string): Promise<Verdict>
  /** Records the owner's consent, signed, in the audit log. */
  consent(study: string, textHash: string, version: string): Promise<void>
  /** A revocation of this key, to be kept apart or published; who `left` keeps its results. */
  revocation(reason?: 'lost' | 'left'): Promise<Uint8Array>
  /** Says that this peer is going, without stopping it: a page that may be closing. */
  goodbye(): void
  /**
   * Gives a seat back, publishes the revocation and says goodbye; the caller deletes the state.
   * Takes at most 25 s, whoever is out of reach: a voter that is needed and cannot be replaced goes
   * all the same, with `federation/not-decided`.
   */
  leave(): Promise<Verdict>
  /** The study with all proofs, for anyone to verify offline; what is being decided is not in it. @throws FederationError `federation/no-study` */
  bundle(study: string): Promise<Uint8Array>
  /** Calls back after anything a person could see has changed. */
  onChange(listener: () => void): () => void
  /** Finishes what is being written, says goodbye, and frees everything. Idempotent. */
  stop(): Promise<void>
}

export type { CallOptions }
