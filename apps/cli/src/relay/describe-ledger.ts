/**
 * The ledger's entries in a few words each, for `folkmoot ledger show`.
 *
 * @module
 */
import type { Peer } from '@folkmoot/federation'
import { type Action, type Operation, peekOperation } from '@folkmoot/ledger'
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
    case 'voter.key':
      return `registers a vote key for epoch ${operation.body.epoch}`
    case 'voter.accept':
      return 'accepts to be a voter'
    case 'voter.resign':
      return 'gives up the role of voter'
    case 'voter.overdue':
      return `says that the voters’ change waits for …${operation.body.peer.slice(-6)}`
    case 'evidence':
      return 'hands in evidence against a voter'
    case 'propose':
      return `proposes ${describeAction(operation.body.action)}`
    case 'ballot':
      return `says ${operation.body.yes ? 'yes' : 'no'} to ${operation.body.proposal.slice(0, 8)}`
    case 'report':
      return `reports study ${operation.body.study.slice(0, 8)}`
  }
}

/** What is proposed, in a few words. */
export function describeAction({ kind, body }: Action): string {
  switch (kind) {
    case 'invitation.create':
      return 'an invitation'
    case 'study.open':
      return `study ${body.manifestId.slice(0, 8)}`
    case 'study.close':
      return `closing study ${body.study.slice(0, 8)}`
    case 'member.revoke':
      return `revoking …${body.peer.slice(-6)}`
    case 'voter.offer':
      return `…${body.peer.slice(-6)} ${body.seat ? 'as voter' : 'to stand by'}`
    case 'voter.remove':
      return `that …${body.peer.slice(-6)} votes no more`
    case 'voter.rotate':
      return 'new vote keys'
    case 'charter.amend':
      return `another ${Object.keys(body).join(', ')} in the charter`
    case 'engine.change':
      return `${body.voters.length} voters in place of the founder alone`
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
      epoch: entry.epoch,
      finality: entry.proof.kind,
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
