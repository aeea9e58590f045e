/**
 * How much a member may put on the ledger, which everyone keeps for ever. A member's own business
 * is a few small operations; those who record for the federation are not bounded here.
 *
 * @module
 */
import { type Clock, refuse, type Verdict } from '@folkmoot/base'
import { parseVoterSet } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { parseRule, peekOperation } from '@folkmoot/ledger'
import type { FederationCode } from '../codes.ts'
import type { SharedLedger } from './shared-ledger.ts'

/** Operations in a burst, and how many come back in an hour. */
const perHour = 10
/** Checkpoints of its audit log, which a member's peer hands in by itself, are counted apart. */
const checkpointsPerHour = 6
const hourMs = 3_600_000
const maxBytes = 4 * 1024

/** Answers whether this peer may hand in that operation now, and counts it. */
export type SubmitBudget = (from: PeerId, operation: Uint8Array) => Verdict

export function createSubmitBudget(
  ledger: Pick<SharedLedger, 'state' | 'voters'>,
  clock: Clock,
): SubmitBudget {
  /** In force now: amendments change who opens studies. */
  const charter = () => ledger.state.state().voting.charterInForce
  /** When each peer's budgets are whole again. */
  const wholeAt = new Map<string, number>()
  const mayBeLarge = (bytes: Uint8Array) => {
    const peeked = peekOperation(bytes)
    if (!peeked.ok) return false
    const { kind, body } = peeked.operation
    const opening = charter().approval['study.open']
    if (kind === 'study.open') return opening === 'member'
    // A manifest comes along with the question as well, where others than the founder are asked.
    if (kind === 'propose' && body.action.kind === 'study.open') {
      return parseRule(opening).kind !== 'founder'
    }
    // The voters that it was cast among come along. Of each culprit the ledger keeps one, and it refuses
    // without a trace what proves nothing.
    return kind === 'evidence' && parseVoterSet(body.set).ok
  }
  return (from, operation) => {
    if (from === charter().founder || ledger.voters().includes(from)) return { ok: true }
    if (operation.length > maxBytes && !mayBeLarge(operation)) {
      const code: FederationCode = 'federation/too-large'
      return refuse(code, 'a member puts no operation of this size on the ledger')
    }
    const now = clock.now()
    for (const [peer, at] of wholeAt) if (at <= now) wholeAt.delete(peer)
    const isCheckpoint = kindOf(operation) === 'audit.checkpoint'
    const [budget, most, what] = isCheckpoint
      ? [`${from}/checkpoints`, checkpointsPerHour, 'checkpoints']
      : [from, perHour, 'operations']
    const next = (wholeAt.get(budget) ?? now) + hourMs / most
    if (next > now + hourMs) {
      const code: FederationCode = 'federation/submit-rate'
      return refuse(code, `a member puts ${most} ${what} an hour on the ledger`)
    }
    wholeAt.set(budget, next)
    return { ok: true }
  }
}

function kindOf(operation: Uint8Array): string | undefined {
  const peeked = peekOperation(operation)
  return peeked.ok ? peeked.operation.kind : undefined
}
