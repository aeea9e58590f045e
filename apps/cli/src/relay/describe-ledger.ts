/**
 * The ledger's entries in a few words each, for `folkmoot ledger show`.
 *
 * @module
 */
import type { Peer } from '@folkmoot/federation'
import { type Operation, peekOperation } from '@folkmoot/ledger'
import type { LedgerPage } from '../admin-api.ts'

function words(operation: Operation): string {
  switch (operation.kind) {
    case 'federation.found':
      return 'founds the federation'
    case 'invitation.create':
      return 'issues an invitation'
    case 'invitation.revoke':
      return `withdraws invitation ${operation.body.invitation.slice(0, 8)}`
    case 'member.admit':
      return `admits ${operation.body.nickname || 'a peer'}`
    case 'member.leave':
      return 'leaves'
    case 'member.revoke':
      return 'revokes a key'
    case 'study.open':
      return `opens study ${operation.body.manifestId.slice(0, 8)}`
    case 'study.close':
      return `closes study ${operation.body.study.slice(0, 8)}`
    case 'study.batch':
      return `batch of ${operation.body.count} units`
    case 'audit.checkpoint':
      return 'anchors an audit checkpoint'
    case 'report':
      return `reports study ${operation.body.study.slice(0, 8)}`
  }
}

/** One page of at most `limit` entries from height `from`. */
export async function ledgerPage(peer: Peer, from: number, limit: number): Promise<LedgerPage> {
  const { height } = peer.ledger.status()
  const entries: LedgerPage['entries'] = []
  let at = Math.max(1, from)
  for (; at <= height && entries.length < limit; at++) {
    const entry = await peer.ledger.entryAt(at)
    if (entry === undefined) continue
    entries.push({
      height: entry.height,
      time: entry.time,
      ops: entry.ops.map(({ id, bytes, outcome }) => {
        const peeked = peekOperation(bytes)
        return {
          id,
          kind: peeked.ok ? peeked.operation.kind : 'unreadable',
          signer: peeked.ok ? peeked.signer : '',
          summary: peeked.ok ? words(peeked.operation) : 'not readable',
          outcome: outcome.ok ? 'applied' : 'refused',
          reason: outcome.ok ? null : outcome.fault.code,
        }
      }),
    })
  }
  return { height, entries, next: at <= height ? at : null }
}
