/**
 * What a rule sees when it applies one operation, and the questions that several rules ask.
 *
 * @module
 */
import { type Refused, refuse } from '@folkmoot/base'
import type { Position } from '@folkmoot/consensus'
import type { Charter, FederationId, PeerId } from '@folkmoot/identity'
import type { LedgerCode } from '../codes.ts'
import type { FactStore, Facts } from '../fact-store.ts'
import { currentEpoch, isVoter } from './epochs.ts'

export interface Context {
  readonly facts: FactStore
  /** As amended. */
  readonly charter: Charter
  readonly charterBytes: Uint8Array
  readonly fed: FederationId
  readonly at: Position
  readonly signer: PeerId
  /** Id of the operation. */
  readonly id: string
  /** Height that the signer last saw, where it said so. */
  readonly expectHeight: number | undefined
  /** Set while an action that the rules approved takes effect. */
  readonly approved?: boolean
}

/** A rule either refuses, having changed nothing, or has made its change. */
export type Applied = { readonly ok: true } | Refused

export const done: Applied = { ok: true }

export function refused(code: LedgerCode, message: string): Refused {
  return refuse(code, message)
}

export function isActive({ facts }: { readonly facts: Facts }, peer: PeerId): boolean {
  return facts.member.get(peer)?.status === 'active'
}

/**
 * Whether a peer records for the federation: the founder, and who votes now. The charter's voters
 * are those of the beginning.
 */
export function isRecorder(
  { charter, facts }: Pick<Context, 'charter' | 'facts'>,
  peer: PeerId,
): boolean {
  if (charter.founder === peer) return true
  return currentEpoch(facts) === 0 ? charter.voters.includes(peer) : isVoter(facts, peer)
}

/** Refuses where the subject changed after its signer looked, or the signer claims the future. */
export function checkUnchanged(context: Context, changedAt: number | undefined): Applied {
  const { expectHeight, at } = context
  if (expectHeight === undefined) return done
  if (expectHeight >= at.height) return refused('ledger/expect-height', 'that height is not final')
  return (changedAt ?? 0) <= expectHeight
    ? done
    : refused('ledger/expect-height', `it changed at height ${changedAt}`)
}
