/**
 * What is said about a peer before it starts: who it is to the federation, and who wants to know.
 *
 * @module
 */
import type { Fault } from '@folkmoot/base'
import type { Platform } from './platform.ts'

/** How a peer comes in. */
export type PeerRole =
  | { readonly kind: 'founder' }
  | {
      readonly kind: 'member'
      /** Relays to join through and stay connected to, multiaddrs that end in a peer id. */
      readonly relays: readonly string[]
      /** Needed once; a member that returns is known. */
      readonly invitation?: { readonly bytes: Uint8Array; readonly seed: Uint8Array }
    }

export interface PeerInit {
  readonly platform: Platform
  /** The signed founding charter. */
  readonly charter: Uint8Array
  readonly role: PeerRole
  /** At most 32 characters; shown to people, decides nothing. */
  readonly nickname: string
  /** Tell members where this peer listens, so that they dial it; relays do. Default false. */
  readonly announce?: boolean
  /** Size at which the audit log is full and nothing more may happen; default 1 GiB. */
  readonly auditQuotaBytes?: number
  /** Told what is going on while the peer joins, in a few words. */
  readonly onStep?: (step: JoinStep) => void
  /** Told when the relay refuses this peer for good, also after it had joined: it was revoked, say. */
  readonly onRefused?: (fault: Fault) => void
}

export type JoinStep = 'opening' | 'connecting' | 'joining' | 'reading-ledger' | 'ready'
