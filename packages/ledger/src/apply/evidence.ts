/**
 * Evidence against a voter: kept for trust, and its seat is free from the next epoch on.
 *
 * `check` has verified the signatures against the set that came along; that this is the set of the
 * epoch is asked here, by its hash, so that evidence of old epochs counts as well.
 *
 * @module
 */
import { equalBytes, sha256 } from '@folkmoot/codec'
import { evidenceItems } from '@folkmoot/consensus'
import { MAX_EVIDENCE } from '../limits.ts'
import type { OperationOf } from '../operation.ts'
import { type Applied, type Context, done, refused } from './context.ts'
import { readSet } from './epochs.ts'
import { endRole, mayAccuse } from './voters.ts'

export function recordEvidence(
  context: Context,
  { evidence, set: setBytes }: OperationOf<'evidence'>['body'],
): Applied {
  const { facts, fed, signer, at } = context
  if (!mayAccuse(context, signer)) return refused('ledger/not-member', 'members hand in evidence')
  const set = readSet(setBytes)
  if (!set) return refused('ledger/evidence', 'this is no set of voters')
  const known = facts.voters.get(`${set.epoch}`)
  if (!known || !equalBytes(known.hash, sha256(setBytes))) {
    return refused('ledger/evidence', 'these are not the voters of that epoch')
  }
  const setOf = (epoch: number) => (epoch === set.epoch ? set : undefined)
  const proven = evidenceItems(fed, { setOf }, evidence)
  if (!proven.ok) return refused('ledger/evidence', proven.fault.message)
  const { culprit, epoch, view, kind } = proven
  if (facts.evidence.get(culprit)) {
    return refused('ledger/evidence-known', 'there is evidence against this peer already')
  }
  if (facts.evidence.entries.size >= MAX_EVIDENCE) return refused('ledger/full', 'no more fits')
  const hash = sha256(evidence)
  facts.evidence.set(culprit, { epoch, view, kind, hash, by: signer, height: at.height })
  endRole(context, culprit)
  return done
}
