/**
 * Who counts as a member here: by the ledger, or by a receipt until the ledger has caught up. And
 * this peer's own way in, repeated whenever its relay comes back.
 *
 * @module
 */
import {
  type Clock,
  errorCode,
  errorMessage,
  type Fault,
  FederationError,
  type Logger,
  refuse,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import {
  type Charter,
  type Checker,
  createSigner,
  type FederationId,
  openInvitation,
  openReceipt,
  type PeerId,
  type Signer,
} from '@folkmoot/identity'
import type { Ledger } from '@folkmoot/ledger'
import type { Transport } from '@folkmoot/transport'
import type { Platform } from '../platform.ts'
import { askToJoin, type Joined } from './ask-to-join.ts'

export type Standing = 'member' | 'unknown' | 'revoked'

export interface AdmissionsInit {
  readonly fed: FederationId
  readonly checker: Checker
  readonly clock: Clock
  readonly charter: Charter
  readonly ledger: Ledger
  /** Who may say besides the founder that somebody is a member: voters now, relays that we chose. */
  readonly trusted: () => readonly PeerId[]
}

export interface JoinThroughInit {
  readonly transport: Transport
  readonly signer: Signer
  readonly platform: Pick<Platform, 'signerFromSeed' | 'clock' | 'store'>
  /** Whoever of these is linked is asked, the first before the others. */
  readonly relays: readonly PeerId[]
  readonly nickname: string
  readonly invitation: { readonly bytes: Uint8Array; readonly seed: Uint8Array } | null
  readonly timers: Timers
  readonly logger: Logger
  /** Wait for the relay; false: go on without it where it is away. */
  readonly patient: boolean
  readonly connecting: () => void
  readonly joined: (joined: Joined) => void
  /** A refusal that no further attempt changes, also long after the first success. */
  readonly refused: (fault: Fault) => void
}

export interface Joining {
  /** Resolves after the first attempt that decided something. @throws FederationError the refusal */
  readonly first: Promise<void>
  /** Asks once more, for a fresh receipt and a fresh look at the relay's clock. */
  again(): void
  stop(): void
}

export interface Admissions {
  standing(peer: PeerId): Standing
  /** This peer's own receipt; empty for the founder and before joining. */
  receipt(): Uint8Array
  /** Judges a receipt that `peer` shows. */
  show(receipt: Uint8Array, peer: PeerId): Promise<boolean>
  /** Why the ledger would refuse an invitation now, or null. */
  unusable(invitation: string): { code: string; message: string } | null
  joinThrough(init: JoinThroughInit): Joining
}

/** Receipts remembered of peers that the ledger here does not know yet. */
const maxShown = 4_096
/** A relay that is away is asked again after this, doubled up to the last. */
const firstRetryMs = 500
const lastRetryMs = 10_000
/** How long a returning member waits for its relay before it goes on without it. */
const impatientMs = 4_000
/** Whoever revoked its own key still gets the answer to that, and may say goodbye. */
const partingMs = 3_000
const receiptKey = 'join/receipt'

/** Refusals that no further attempt can change. */
const finalRefusals = /^federation\/(invitation-|protocol-|revoked|not-invited|charter|receipt)/

export function createAdmissions(init: AdmissionsInit): Admissions {
  const { ledger, charter } = init
  const shown = new Map<PeerId, number>()
  const trusted = () => [charter.founder, ...charter.voters, ...init.trusted()]
  let own: Uint8Array = new Uint8Array()

  const standing = (peer: PeerId): Standing => {
    const state = ledger.state()
    const revoked = state.revoked.get(peer)
    if (revoked !== undefined) {
      const isParting = revoked.by === peer && Math.abs(init.clock.now() - revoked.at) < partingMs
      return isParting ? 'member' : 'revoked'
    }
    if (peer === charter.founder || ledger.isMember(peer)) return 'member'
    // A member that left shows no receipt that counts: the ledger knows better.
    if (state.members.has(peer)) return 'unknown'
    return (shown.get(peer) ?? 0) > init.clock.now() ? 'member' : 'unknown'
  }

  const joinThrough = (through: JoinThroughInit): Joining => {
    let stopped = false
    let settled = false
    let retryMs = firstRetryMs
    let cancelRetry: (() => void) | null = null
    const first = Promise.withResolvers<void>()
    const { transport } = through
    const linkedRelay = (): PeerId | undefined => {
      const linked = new Set(transport.links().map((link) => link.peer))
      return through.relays.find((relay) => linked.has(relay))
    }

    const attempt = async (): Promise<Verdict<{ joined: Joined }>> => {
      const relay = linkedRelay()
      if (relay === undefined) {
        through.connecting()
        transport.nudge()
        return refuse('transport/unreachable', 'the relay is out of reach')
      }
      let invitation: { bytes: Uint8Array; id: string; key: Signer } | null = null
      let role: 'member' | 'observer' = 'member'
      if (through.invitation !== null && !ledger.isMember(through.signer.peer)) {
        const opened = await openInvitation(init.checker, through.invitation.bytes)
        if (!opened.ok)
          return refuse('federation/invitation-forged', 'this invitation is not genuine')
        // Who is to vote comes in as a member.
        if (opened.invitation.role === 'observer') role = 'observer'
        const raw = await through.platform.signerFromSeed(through.invitation.seed)
        invitation = { bytes: through.invitation.bytes, id: opened.id, key: createSigner(raw) }
      }
      return askToJoin({
        transport,
        checker: init.checker,
        signer: through.signer,
        clock: through.platform.clock,
        fed: init.fed,
        relay,
        trusted: trusted(),
        nickname: through.nickname,
        role,
        invitation,
      })
    }

    const run = async (): Promise<void> => {
      if (stopped) return
      let verdict: Verdict<{ joined: Joined }>
      try {
        verdict = await attempt()
      } catch (error) {
        verdict = refuse(errorCode(error, 'federation/join-failed'), errorMessage(error))
      }
      if (stopped) return
      if (verdict.ok) {
        own = verdict.joined.receiptBytes
        retryMs = firstRetryMs
        await through.platform.store.write([{ type: 'put', key: receiptKey, value: own }])
        through.joined(verdict.joined)
        settled = true
        first.resolve()
        return
      }
      through.logger.log('debug', 'not joined yet', { code: verdict.fault.code })
      if (finalRefusals.test(verdict.fault.code)) {
        settled = true
        through.refused(verdict.fault)
        first.reject(new FederationError(verdict.fault.code, verdict.fault.message))
        return
      }
      cancelRetry = through.timers.after(retryMs, () => void run())
      retryMs = Math.min(lastRetryMs, retryMs * 2)
    }

    // When the relay comes back a fresh receipt and a fresh look at its clock are worth a message.
    let up = false
    const unlink = transport.onLinks(() => {
      const now = linkedRelay() !== undefined
      if (now && !up) {
        cancelRetry?.()
        retryMs = firstRetryMs
        void run()
      }
      up = now
    })
    up = linkedRelay() !== undefined
    void through.platform.store.get(receiptKey).then((kept) => {
      if (kept !== undefined && own.length === 0) own = kept
    })
    void run()
    const cancelPatience = through.patient
      ? () => {}
      : through.timers.after(impatientMs, () => {
          if (!settled) first.resolve()
        })
    // Settled later, when nobody waits any more, it must not count as unhandled.
    first.promise.catch(() => {})
    return {
      first: first.promise,
      again: () => {
        if (!up) return
        cancelRetry?.()
        void run()
      },
      stop: () => {
        stopped = true
        cancelRetry?.()
        cancelPatience()
        unlink()
      },
    }
  }

  return {
    standing,
    receipt: () => own,
    show: async (bytes, peer) => {
      const now = standing(peer)
      if (now !== 'unknown') return now === 'member'
      if (bytes.length === 0) return false
      const opened = await openReceipt(init.checker, bytes, {
        fed: init.fed,
        now: init.clock.now(),
        trusted: trusted(),
      })
      if (!opened.ok || opened.receipt.peer !== peer) return false
      if (shown.size >= maxShown) shown.delete(shown.keys().next().value!)
      shown.set(peer, opened.receipt.expires)
      return standing(peer) === 'member'
    },
    unusable: (id) => {
      const invitation = ledger.state().invitation(id)
      if (invitation === undefined) {
        return { code: 'federation/invitation-forged', message: 'this invitation was never issued' }
      }
      if (invitation.revoked) {
        return { code: 'federation/invitation-revoked', message: 'this invitation was withdrawn' }
      }
      return invitation.left > 0
        ? null
        : {
            code: 'federation/invitation-used-up',
            message: 'all uses of this invitation are spent',
          }
    },
    joinThrough,
  }
}
