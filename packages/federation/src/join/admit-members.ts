/**
 * A relay's door: answers the join protocol, and admits by an operation on the ledger.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import { type Clock, refuse } from '@folkmoot/base'
import type { Checker, FederationId, Signer } from '@folkmoot/identity'
import type { Transport } from '@folkmoot/transport'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import type { PeerPreset } from '../presets.ts'
import type { Admissions } from './admissions.ts'
import { joinProtocol } from './messages.ts'
import { serveJoins } from './serve-joins.ts'

export interface AdmitMembersInit {
  readonly signer: Signer
  readonly checker: Checker
  readonly fed: FederationId
  readonly clock: Clock
  readonly charterBytes: Uint8Array
  readonly transport: Transport
  readonly ledger: SharedLedger
  readonly admissions: Admissions
  readonly audit: AuditLog
  readonly preset: Pick<PeerPreset, 'joinsPerMinute' | 'receiptMs'>
}

export function admitMembers(init: AdmitMembersInit): void {
  const { ledger, admissions, audit, transport } = init
  const joins = serveJoins({
    signer: init.signer,
    checker: init.checker,
    fed: init.fed,
    clock: init.clock,
    charter: init.charterBytes,
    member: (peer) => {
      const member = ledger.state.state().members.get(peer)
      return member?.status === 'active' ? { role: member.role, root: member.root } : undefined
    },
    revoked: (peer) => admissions.standing(peer) === 'revoked',
    unusable: admissions.unusable,
    admit: async ({ peer, invitation, redemption, nickname, role }) => {
      // What a peer signs that does not decide would be refused, and be on the ledger all the same.
      if (!ledger.voters().includes(init.signer.peer)) {
        return refuse('federation/not-voter', 'this relay does not decide yet; ask another')
      }
      const intent = await audit.intent({
        direction: 'in',
        peer,
        action: 'admission',
        capability: null,
      })
      const verdict = await ledger.submit({
        kind: 'member.admit',
        body: { invitation, redemption, nickname, role },
      })
      await audit.outcome(intent, {
        decision: verdict.ok ? 'done' : 'failed',
        reason: verdict.ok ? null : verdict.fault.code,
      })
      if (verdict.ok) transport.refresh(peer)
      return verdict
    },
    decided: async (_peer, verdict) => {
      if (!verdict.ok) audit.counter(`refused.${verdict.fault.code}`)
    },
    perMinute: init.preset.joinsPerMinute,
    receiptMs: init.preset.receiptMs,
  })
  transport.handle(joinProtocol, joins, {
    strangers: true,
    maxFrame: 4_096,
    maxStreamsPerPeer: 1,
    timeoutMs: 15_000,
  })
}
